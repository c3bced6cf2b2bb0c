#pragma once

#include <memory>

#include "httvps/gateway/outline/node.hpp"
#include "httvps/net/tcp.hpp"

namespace httvps::gateway {

using shared_node = std::shared_ptr<outline_node>;

net::task<> look_up_node(shared_node node, base::steady_time now, base::steady_time deadline);
net::task<net::tcp_stream> reach_node(shared_node node, const base::clock* clock,
                                      base::steady_time deadline);
base::error note_failure(outline_node& node, const base::error& failure, base::steady_time now);

}
