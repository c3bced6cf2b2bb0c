#pragma once

#include <optional>

#include "httvps/shadowsocks/target.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::gateway {

std::optional<shadowsocks::target> to_node_target(const wire::target& where);
wire::target to_wire_target(const shadowsocks::target& where);

}
