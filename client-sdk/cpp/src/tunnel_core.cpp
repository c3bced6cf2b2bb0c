#include "tunnel_core.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/scope_exit.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {
namespace {

tunnel_options within_limits(tunnel_options chosen) {
  auto& most = chosen.carriers.carriers_most;
  most = std::clamp<std::size_t>(most, 1, wire::carriers_most);
  chosen.limits.carriers = most;
  return chosen;
}

freeze_memory known_budgets(const tunnel_options& chosen) {
  const auto text = chosen.store.load_budgets();
  if (!text) {
    chosen.log.warn("budgets_unreadable", {{"outcome", text.error()}});
  }
  return freeze_memory::from_text(text.value_or(std::string()), chosen.clock.system_now());
}

}

tunnel::core::core(const net::executor& runs_on, tunnel_options chosen)
    : runs_on_(runs_on),
      chosen_(within_limits(std::move(chosen))),
      own_carriers_(chosen_.carriers),
      pool_(std::make_shared<base::slab_pool>(chosen_.memory)),
      backoff_(chosen_.backoff),
      freezes_(known_budgets(chosen_)),
      wake_(runs_on),
      changed_(runs_on),
      connected_(runs_on),
      tasks_(runs_on) {
  follow_policy();
}

void tunnel::core::start() {
  places_.when_freed([weak = weak_from_this()] {
    if (const auto self = weak.lock()) {
      self->changed_.notify();
    }
  });
  static_cast<void>(tasks_.spawn(run(shared_from_this())));
  static_cast<void>(tasks_.spawn(keep_fresh(shared_from_this())));
}

std::shared_ptr<session_link> tunnel::core::make_link(session_watcher* watcher) {
  return session_link::make(runs_on_, {.pool = pool_,
                                       .watcher = watcher,
                                       .datagrams = flows_,
                                       .limits = chosen_.limits,
                                       .clock = chosen_.clock,
                                       .random = chosen_.random});
}

base::result<std::shared_ptr<session_link>> tunnel::core::link_for_streams() {
  if (stopping_) {
    return base::fail(errc::tunnel_stopped);
  }
  if (!current_) {
    current_ = make_link(this);
  }
  if (phase_ == tunnel_phase::waiting) {
    wake_.notify();
  }
  return current_;
}

std::unique_ptr<datagram_port> tunnel::core::open_datagrams(datagram_handler& handler) {
  return flows_->open(handler,
                      [weak = weak_from_this()]() -> base::result<std::shared_ptr<session_link>> {
                        const auto self = weak.lock();
                        return self ? self->link_for_streams() : base::fail(errc::tunnel_stopped);
                      });
}

bool tunnel::core::is_usable() const noexcept {
  return current_ && (current_->is_established() || (trusted_ && current_->is_attached()));
}

bool tunnel::core::must_renew() const noexcept {
  const auto& account = chosen_.account;
  return restricted_ || account.region_pending() ||
         account.token_expired(chosen_.clock.system_now());
}

bool tunnel::core::has_place() const noexcept {
  return places_.taken() < chosen_.carriers.carriers_most;
}

net::task<> tunnel::core::ready(std::shared_ptr<core> self, base::steady_time deadline) {
  const auto failures = self->failures_;
  while (!self->is_usable()) {
    if (self->stopping_) {
      co_return base::fail(errc::tunnel_stopped);
    }
    if (self->failures_ != failures) {
      co_return base::fail(self->last_failure_->code);
    }
    if (self->waiting_.size() >= self->chosen_.waiters) {
      co_return base::fail(errc::too_many_waiting);
    }
    if (self->phase_ == tunnel_phase::waiting) {
      self->wake_.notify();
    }
    net::event changed(self->runs_on_);
    const auto place = self->waiting_.insert(self->waiting_.end(), &changed);
    const base::scope_exit leave([raw = self.get(), place] { raw->waiting_.erase(place); });
    HTTVPS_CO_CHECK(co_await changed.wait(deadline));
  }
  co_return base::result<>();
}

void tunnel::core::enter(tunnel_phase phase) {
  phase_ = phase;
  for (auto* each : waiting_) {
    each->notify();
  }
  if (chosen_.watcher != nullptr) {
    chosen_.watcher->on_tunnel_change(status());
  }
}

void tunnel::core::record_failure(const base::error& code, std::string sentence) {
  chosen_.log.warn("tunnel_failed", {{"code", code}, {"gateway_id", gateway_.id}});
  failure_told_ = true;
  if (revoked_ && code != wire::errc::device_revoked) {
    return;
  }
  revoked_ = code == wire::errc::device_revoked;
  last_failure_ =
      tunnel_failure{.code = code,
                     .sentence = sentence.empty() ? code.message() : std::move(sentence),
                     .at = chosen_.clock.system_now()};
}

void tunnel::core::count_failure() {
  ++failures_;
  trusted_ = false;
}

void tunnel::core::give_up(const base::error& reason) {
  if (!failure_told_) {
    record_failure(reason);
  }
  count_failure();
  ++gateway_turn_;
  if (const auto pending = std::exchange(current_, nullptr)) {
    pending->forget_watcher();
    pending->fail(wire::errc::carrier_lost);
  }
}

void tunnel::core::note_totals(const session_link& link) {
  const auto facts = link.facts();
  up_before_ += facts.counters.payload_sent;
  down_before_ += facts.counters.payload_received;
  streams_before_ += facts.counters.streams_opened;
}

tunnel_status tunnel::core::status() const {
  tunnel_status status{.phase = phase_,
                       .connected_since = connected_since_,
                       .gateway_id = gateway_.id,
                       .gateway_host = gateway_.host,
                       .gateway_address = gateway_address_,
                       .streams_opened = streams_before_,
                       .sessions = sessions_,
                       .connections = places_.taken(),
                       .carriers_dialled = dialled_,
                       .resumes = resumes_,
                       .down_budget = budget(),
                       .bytes_up = up_before_,
                       .bytes_down = down_before_,
                       .measured = round_trips_,
                       .token_expires = chosen_.account.access().expires,
                       .lease_until = chosen_.account.lease_until(),
                       .region = chosen_.account.region(),
                       .policy = chosen_.account.policy(),
                       .policy_failure = policy_failure_,
                       .last_failure = last_failure_};
  auto links = retired_;
  links.push_back(current_);
  for (const auto& link : links) {
    const auto facts = link ? link->facts() : session_facts{};
    status.open_streams += facts.open_streams;
    status.streams_opened += facts.counters.streams_opened;
    status.bytes_up += facts.counters.payload_sent;
    status.bytes_down += facts.counters.payload_received;
    status.carriers += link && !link->is_closed() ? facts.carriers.size() : 0;
    status.round_trip = facts.round_trip ? facts.round_trip : status.round_trip;
  }
  return status;
}

void tunnel::core::choose_gateway() {
  const auto gateways = chosen_.account.gateways();
  gateway_ = gateways[gateway_turn_ % gateways.size()];
}

dial_order tunnel::core::order_for(carrier_kind kind) const {
  return {.gateway = gateway_,
          .proof = {.kind = recognition_kind::access_token,
                    .document = std::string(chosen_.account.token()),
                    .device = chosen_.account.key()},
          .connect_to = chosen_.connect_to,
          .kind = kind};
}

}
