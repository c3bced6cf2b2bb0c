#pragma once

#include <memory>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"
#include "httvps/gateway/outline/connection.hpp"
#include "httvps/gateway/outline/node.hpp"
#include "httvps/gateway/outline/predial.hpp"
#include "httvps/net/tcp.hpp"
#include "httvps/shadowsocks/aead.hpp"
#include "httvps/shadowsocks/target.hpp"

namespace httvps::gateway {

inline constexpr std::size_t first_payload_limit = 64 * 1024;

struct connect_request {
  std::shared_ptr<outline_node> node;
  shadowsocks::target target;
  base::byte_vector first_payload;
  std::shared_ptr<outline_node> reserve = nullptr;
};

struct predial_plan {
  predial_settings settings = {};
  predial_meter meter = {};
};

struct dialer_plan {
  predial_plan ahead = {};
  std::shared_ptr<shadowsocks::aead_engine> engine = nullptr;
};

struct node_workspace;
class predial_pool;

class node_dialer {
 public:
  node_dialer(const base::clock& clock, base::random_source& random);
  node_dialer(const base::clock& clock, base::random_source& random, dialer_plan plan);
  ~node_dialer();
  node_dialer(const node_dialer&) = delete;
  node_dialer& operator=(const node_dialer&) = delete;

  net::task<node_connection> connect(connect_request request, base::steady_time deadline);
  net::task<> knock(std::shared_ptr<outline_node> node, base::steady_time deadline);
  void close_idle() noexcept;

 private:
  struct dial_tools {
    std::shared_ptr<node_workspace> shared;
    std::shared_ptr<predial_pool> ahead;
  };
  struct opening;

  static net::task<node_connection> dial(dial_tools tools, connect_request request,
                                         base::steady_time deadline);
  static base::result<node_connection> start(const opening& what, net::tcp_stream socket);

  std::shared_ptr<node_workspace> workspace_;
  std::shared_ptr<predial_pool> ahead_;
};

}
