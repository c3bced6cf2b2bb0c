#include "httvps/gateway/outline/node.hpp"

#include <algorithm>
#include <utility>

namespace httvps::gateway {

base::result<std::shared_ptr<outline_node>> outline_node::make(node_settings chosen) {
  HTTVPS_TRY(const auto master,
             shadowsocks::derive_master_key(chosen.key.method, chosen.key.password));
  return std::shared_ptr<outline_node>(new outline_node(std::move(chosen), master));
}

outline_node::outline_node(node_settings chosen, const shadowsocks::cipher_key& master)
    : settings_(std::move(chosen)), master_(master) {
  if (net::is_address(settings_.key.host)) {
    addresses_.push_back(place());
  }
}

bool outline_node::is_at(const shadowsocks::access_key& key) const noexcept {
  return settings_.key.host == key.host && settings_.key.port == key.port;
}

base::result<> outline_node::renew_key(shadowsocks::access_key key) {
  HTTVPS_TRY(master_, shadowsocks::derive_master_key(key.method, key.password));
  settings_.key = std::move(key);
  return {};
}

net::endpoint outline_node::place() const {
  return {.host = settings_.key.host, .port = settings_.key.port};
}

bool outline_node::holds_half_close() const noexcept {
  if (settings_.half_close == half_close_policy::by_issuer) {
    return settings_.key.issuer != shadowsocks::key_issuer::outline;
  }
  return settings_.half_close == half_close_policy::hold;
}

bool outline_node::needs_lookup(base::steady_time now) const noexcept {
  if (net::is_address(settings_.key.host)) {
    return false;
  }
  return addresses_.empty() || now - looked_up_ >= settings_.address_lifetime;
}

void outline_node::store_addresses(std::vector<net::endpoint> found, base::steady_time now) {
  addresses_ = std::move(found);
  looked_up_ = now;
}

void outline_node::prefer(const net::endpoint& address) {
  const auto found = std::ranges::find(addresses_, address);
  if (found != addresses_.end()) {
    std::rotate(addresses_.begin(), found, found + 1);
  }
}

void outline_node::note_connected(base::duration took, base::steady_time now) noexcept {
  ++health_.connects;
  health_.failures_in_a_row = 0;
  health_.last_connect = took;
  latency_.observe(took, now);
  ++tally_.succeeded;
  tally_.took += took;
}

void outline_node::note_failed(base::error failure, base::steady_time now) noexcept {
  ++health_.failures;
  ++health_.failures_in_a_row;
  health_.last_failure = failure;
  looked_up_ = {};
  latency_.observe(failure_latency, now);
  ++tally_.failed;
}

void outline_node::note_unanswered(base::duration so_far, base::steady_time now) noexcept {
  latency_.observe(so_far, now);
}

connect_tally outline_node::take_tally() noexcept {
  return std::exchange(tally_, {});
}

exit_nodes exit_nodes::in_order() const {
  const auto fails = [](const outline_node& node) { return node.health().failures_in_a_row > 0; };
  if (reserve && fails(*first) && !fails(*reserve)) {
    return {.first = reserve, .reserve = first};
  }
  return *this;
}

}
