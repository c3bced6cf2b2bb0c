#include "node_target.hpp"

namespace httvps::gateway {
namespace {

struct to_shadowsocks {
  std::optional<shadowsocks::target> operator()(const wire::domain_target& where) const {
    return shadowsocks::target{where.name, where.port};
  }
  std::optional<shadowsocks::target> operator()(const wire::ipv4_target& where) const {
    return shadowsocks::target{where.address, where.port};
  }
  std::optional<shadowsocks::target> operator()(const wire::ipv6_target& where) const {
    return shadowsocks::target{where.address, where.port};
  }
  std::optional<shadowsocks::target> operator()(const wire::reserved_target&) const {
    return std::nullopt;
  }
};

struct to_wire {
  std::uint16_t port;

  wire::target operator()(const std::string& name) const { return wire::domain_target{name, port}; }
  wire::target operator()(const shadowsocks::ipv4_bytes& address) const {
    return wire::ipv4_target{address, port};
  }
  wire::target operator()(const shadowsocks::ipv6_bytes& address) const {
    return wire::ipv6_target{address, port};
  }
};

}

std::optional<shadowsocks::target> to_node_target(const wire::target& where) {
  return std::visit(to_shadowsocks{}, where);
}

wire::target to_wire_target(const shadowsocks::target& where) {
  return std::visit(to_wire{where.port}, where.host);
}

}
