#include <algorithm>
#include <utility>

#include "httvps/sdk/errc.hpp"
#include "tunnel_core.hpp"

namespace httvps::sdk {
namespace {

constexpr std::size_t early_losses_most = 5;

std::string network_prefix(const std::string& address) {
  const bool is_ipv6 = address.find(':') != std::string::npos;
  return address.substr(0, address.rfind(is_ipv6 ? ':' : '.'));
}

std::optional<base::steady_time> last_heard_beside(const session_facts& facts,
                                                   wire::carrier_number silent) {
  std::optional<base::steady_time> latest;
  for (const auto& each : facts.carriers) {
    if (each.number != silent) {
      latest = std::max(latest.value_or(each.last_heard), each.last_heard);
    }
  }
  return latest;
}

}

net::task<> tunnel::core::keep_carriers(std::shared_ptr<core> self,
                                        std::shared_ptr<session_link> link) {
  self->keeper_.emplace(self->keeper_terms(), self->chosen_.random);
  self->early_failure_ = {};
  self->early_losses_ = 0;
  self->gateway_of_.clear();
  while (link == self->current_ && !link->is_closed()) {
    const auto look = self->follow_plan(link);
    if (self->early_failure_ && !link->is_established()) {
      co_return base::fail(self->early_failure_);
    }
    const auto waited = co_await self->changed_.wait(look);
    if (!waited && waited.error() != net::errc::timed_out) {
      co_return waited;
    }
  }
  co_return base::result<>();
}

base::steady_time tunnel::core::follow_plan(const std::shared_ptr<session_link>& link) {
  while (true) {
    const auto facts = link->facts();
    const auto now = chosen_.clock.steady_now();
    const auto plan = keeper_->plan({.open_streams = facts.open_streams,
                                     .emergency = budget() > 0,
                                     .connections = places_.taken()},
                                    now);
    for (const auto number : plan.drop) {
      remember_freeze(*link, number);
      link->drop_carrier(number, errc::gateway_timed_out);
    }
    for (const auto number : plan.retire) {
      link->retire_carrier(number);
    }
    if (!plan.dial || link != current_) {
      return plan.look_again;
    }
    keeper_->note_dialling(*plan.dial);
    ordered_dial order{.kind = *plan.dial, .place = places_.take()};
    static_cast<void>(tasks_.spawn(dial_carrier(shared_from_this(), link, std::move(order))));
  }
}

net::task<> tunnel::core::dial_carrier(std::shared_ptr<core> self,
                                       std::shared_ptr<session_link> link, ordered_dial order) {
  const auto began = self->chosen_.clock.steady_now();
  self->judge_.note_dial(began);
  order.gateway_id = self->gateway_.id;
  auto carrier = co_await dial(self, order.kind);
  const ended_dial dialled{.began = began,
                           .ended = self->chosen_.clock.steady_now(),
                           .round_trip = link->facts().round_trip};
  if (carrier) {
    self->judge_.note_answered(dialled);
  } else {
    self->judge_.note_failed(dialled);
  }
  if (link != self->current_ || link->is_closed()) {
    co_return base::result<>();
  }
  if (carrier) {
    self->take_in(link, std::move(*carrier), std::move(order));
  } else {
    self->note_dial_failure(order.kind, carrier.error());
  }
  self->changed_.notify();
  co_return base::result<>();
}

void tunnel::core::take_in(const std::shared_ptr<session_link>& link,
                           std::unique_ptr<net::carrier_link> carrier, ordered_dial order) {
  const auto now = chosen_.clock.steady_now();
  const auto local = carrier->stream().socket().local();
  const auto before = carrier->stream().ciphertext_traffic();
  network_ = network_of(order.gateway_id, *carrier);
  const auto number = link->attach_carrier(std::move(carrier), budget(), std::move(order.place));
  if (!number) {
    note_dial_failure(order.kind, number.error());
    return;
  }
  chosen_.log.debug("carrier_attached", {{"carrier", static_cast<std::uint64_t>(*number)},
                                         {"local_port", std::uint64_t{local.port}},
                                         {"sent", before.sent},
                                         {"received", before.received}});
  keeper_->note_attached(*number, order.kind, now);
  gateway_of_[*number] = std::move(order.gateway_id);
  if (link->carrier(*number) == nullptr) {
    keeper_->note_ended(*number, now);
    keeper_->note_closed(*number);
  }
}

void tunnel::core::note_dial_failure(carrier_kind kind, const base::error& failure) {
  keeper_->note_dial_failed(kind, chosen_.clock.steady_now());
  early_failure_ = failure;
  if (current_ && current_->is_established() && !current_->is_attached()) {
    record_failure(failure);
  }
}

std::string tunnel::core::network_of(const std::string& gateway_id, net::carrier_link& carrier) {
  return gateway_id + "/" + network_prefix(carrier.stream().socket().local().host);
}

base::byte_count tunnel::core::budget() const {
  return freezes_.budget(network_, chosen_.clock.system_now());
}

void tunnel::core::remember_freeze(session_link& link, wire::carrier_number number) {
  const auto facts = link.facts();
  const auto found = std::ranges::find(facts.carriers, number, &wire::carrier_facts::number);
  const auto suspected = keeper_->suspect_since(number);
  auto* carrier = link.carrier(number);
  if (found == facts.carriers.end() || !found->suspect || !suspected || carrier == nullptr) {
    return;
  }
  const carrier_silence silence{.since = found->last_heard,
                                .suspected_at = *suspected,
                                .other_heard = last_heard_beside(facts, number),
                                .round_trip = facts.round_trip};
  if (!judge_.is_freeze(silence, chosen_.clock.steady_now())) {
    return;
  }
  const auto received = link.traffic_of(number).received;
  const auto before = budget();
  freezes_.note_freeze(network_of(gateway_of_[number], *carrier), received,
                       chosen_.clock.system_now());
  chosen_.log.info("carrier_frozen", {{"received", received}, {"budget", budget()}});
  if (budget() != before) {
    keep_budgets();
  }
}

void tunnel::core::keep_budgets() {
  const auto kept = chosen_.store.save_budgets(freezes_.to_text(chosen_.clock.system_now()));
  if (!kept) {
    chosen_.log.warn("budgets_unsaved", {{"outcome", kept.error()}});
  }
}

void tunnel::core::on_ready(wire::carrier_number number) {
  keeper_->note_ready(number);
  if (auto* carrier = current_ ? current_->carrier(number) : nullptr) {
    dialer_.remember(gateway_of_[number], *carrier);
    const auto traffic = carrier->stream().ciphertext_traffic();
    chosen_.log.debug("carrier_ready", {{"carrier", static_cast<std::uint64_t>(number)},
                                        {"sent", traffic.sent},
                                        {"received", traffic.received}});
  }
  if (phase_ != tunnel_phase::connected) {
    ++resumes_;
    chosen_.log.info("tunnel_resumed", {{"gateway_id", gateway_.id}});
    enter(tunnel_phase::connected);
  }
  failure_told_ = false;
  changed_.notify();
}

void tunnel::core::on_suspected(wire::carrier_number number) {
  keeper_->note_suspected(number, chosen_.clock.steady_now());
  chosen_.log.info("carrier_suspected",
                   {{"gateway_id", gateway_.id}, {"carrier", static_cast<std::uint64_t>(number)}});
  changed_.notify();
}

void tunnel::core::on_carrier_closed(wire::carrier_number number) {
  keeper_->note_closed(number);
  changed_.notify();
}

void tunnel::core::on_carrier_ended(const carriage::carrier_end& ended) {
  keeper_->note_ended(ended.number, chosen_.clock.steady_now());
  chosen_.log.debug("carrier_ended", {{"carrier", static_cast<std::uint64_t>(ended.number)},
                                      {"code", ended.reason},
                                      {"ready", ended.facts.ready},
                                      {"sent", ended.traffic.sent},
                                      {"received", ended.traffic.received},
                                      {"repeated", ended.facts.repeated},
                                      {"awaiting_repeat", ended.awaiting_repeat}});
  gateway_of_.erase(ended.number);
  if (current_ && !current_->is_established()) {
    const bool given_up = ended.reason == errc::gateway_timed_out ||
                          ended.reason == net::errc::websocket_upgrade_refused;
    if (given_up || ++early_losses_ >= early_losses_most) {
      early_failure_ = dial_error(dial_stage::upgrading, ended.reason);
    }
  } else if (current_ && !current_->is_attached() && phase_ == tunnel_phase::connected) {
    chosen_.log.info("carriers_lost", {{"code", ended.reason}});
    enter(tunnel_phase::resuming);
  }
  changed_.notify();
}

}
