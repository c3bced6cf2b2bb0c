#pragma once

#include <memory>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/gateway/outline/connection.hpp"
#include "httvps/gateway/outline/node.hpp"
#include "httvps/shadowsocks/target.hpp"

namespace httvps::gateway {

inline constexpr std::size_t first_payload_limit = 64 * 1024;

struct connect_request {
  std::shared_ptr<outline_node> node;
  shadowsocks::target target;
  base::byte_vector first_payload;
};

struct node_workspace;

class node_dialer {
 public:
  node_dialer(const base::clock& clock, base::random_source& random);
  ~node_dialer();
  node_dialer(const node_dialer&) = delete;
  node_dialer& operator=(const node_dialer&) = delete;

  net::task<node_connection> connect(connect_request request, base::steady_time deadline);

 private:
  static net::task<node_connection> dial(std::shared_ptr<node_workspace> shared,
                                         connect_request request, base::steady_time deadline);

  std::shared_ptr<node_workspace> workspace_;
};

}
