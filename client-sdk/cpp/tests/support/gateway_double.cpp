#include "gateway_double.hpp"

#include <utility>

#include "gateway_double_state.hpp"

namespace httvps::sdk::testing {
namespace {

constexpr auto patience = std::chrono::seconds(10);

}

gateway_double::gateway_double(const net::executor& runs_on, service& issuer)
    : state_(std::make_shared<state>(runs_on, issuer)) {
  issuer.gateways = {entry()};
  static_cast<void>(state_->tasks.spawn(state::accept(state_)));
  static_cast<void>(state_->tasks.spawn(state::accept_direct(state_)));
}

gateway_double::~gateway_double() = default;

net::endpoint gateway_double::place() const {
  return state_->listener.local();
}

identity::gateway_entry gateway_double::entry() const {
  auto entry = service::default_gateway();
  entry.addresses = {net::to_text(place())};
  entry.pins = {state_->certificate.pin()};
  return entry;
}

identity::gateway_entry gateway_double::direct_entry() const {
  auto direct = entry();
  direct.id = "gw_direct";
  direct.host = "direct.test";
  direct.addresses = {net::to_text(state_->direct_listener.local())};
  return direct;
}

const gateway_counts& gateway_double::counts() const {
  return state_->counts;
}

const net::http_request& gateway_double::last_upgrade() const {
  return state_->upgrade;
}

gateway_rules& gateway_double::rules() {
  return state_->rules;
}

void gateway_double::cut_carriers() {
  for (const auto& [id, session] : state_->sessions) {
    session->cut();
  }
}

void gateway_double::lose_sessions() {
  for (const auto& [id, session] : std::exchange(state_->sessions, {})) {
    session->cut();
  }
}

void gateway_double::publish(const told_policy& policy) {
  state_->rules.policy = policy;
  for (const auto& [id, session] : state_->sessions) {
    session->publish(policy);
  }
}

void gateway_double::go_away(std::chrono::milliseconds drain) {
  for (const auto& [id, session] : state_->sessions) {
    session->go_away(drain);
  }
}

net::task<> gateway_double::stop() {
  const auto shared = state_;
  shared->listener.close();
  shared->direct_listener.close();
  shared->held.clear();
  for (const auto& [id, session] : std::exchange(shared->sessions, {})) {
    session->cut();
  }
  shared->tasks.cancel();
  return shared->tasks.join(net::deadline_after(patience));
}

}
