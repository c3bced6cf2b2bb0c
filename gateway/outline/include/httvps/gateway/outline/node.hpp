#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/clock.hpp"
#include "httvps/gateway/outline/node_choice.hpp"
#include "httvps/net/endpoint.hpp"
#include "httvps/net/task.hpp"
#include "httvps/shadowsocks/access_key.hpp"

namespace httvps::gateway {

enum class half_close_policy : std::uint8_t { by_issuer, pass_on, hold };

struct node_settings {
  std::string id;
  shadowsocks::access_key key;
  half_close_policy half_close = half_close_policy::by_issuer;
  base::duration half_close_quiet = std::chrono::seconds(10);
  base::duration address_lifetime = std::chrono::minutes(1);
};

struct node_health {
  std::uint64_t connects = 0;
  std::uint64_t failures = 0;
  std::uint64_t failures_in_a_row = 0;
  base::duration last_connect{};
  base::error last_failure{};
};

class outline_node {
 public:
  static base::result<std::shared_ptr<outline_node>> make(node_settings chosen);
  outline_node(const outline_node&) = delete;
  outline_node& operator=(const outline_node&) = delete;

  const std::string& id() const noexcept { return settings_.id; }
  bool is_at(const shadowsocks::access_key& key) const noexcept;
  base::result<> renew_key(shadowsocks::access_key key);
  net::endpoint place() const;
  base::byte_view prefix() const noexcept { return settings_.key.prefix; }
  const shadowsocks::cipher_key& master_key() const noexcept { return master_; }
  bool holds_half_close() const noexcept;
  base::duration half_close_quiet() const noexcept { return settings_.half_close_quiet; }

  bool needs_lookup(base::steady_time now) const noexcept;
  const std::vector<net::endpoint>& addresses() const noexcept { return addresses_; }
  void store_addresses(std::vector<net::endpoint> found, base::steady_time now);
  void prefer(const net::endpoint& address);

  const node_health& health() const noexcept { return health_; }
  void note_connected(base::duration took, base::steady_time now) noexcept;
  void note_failed(base::error failure, base::steady_time now) noexcept;
  void note_unanswered(base::duration so_far, base::steady_time now) noexcept;

  std::optional<base::duration> latency() const noexcept { return latency_.value(); }
  std::size_t in_flight() const noexcept { return in_flight_; }
  void note_opened() noexcept { ++in_flight_; }
  void note_closed() noexcept { --in_flight_; }
  bool has_tally() const noexcept { return tally_.succeeded + tally_.failed > 0; }
  connect_tally take_tally() noexcept;

 private:
  outline_node(node_settings chosen, const shadowsocks::cipher_key& master);

  node_settings settings_;
  shadowsocks::cipher_key master_;
  std::vector<net::endpoint> addresses_;
  base::steady_time looked_up_{};
  node_health health_;
  peak_latency latency_;
  connect_tally tally_;
  std::size_t in_flight_ = 0;
};

struct exit_nodes {
  std::shared_ptr<outline_node> first;
  std::shared_ptr<outline_node> reserve;

  exit_nodes in_order() const;
};

}
