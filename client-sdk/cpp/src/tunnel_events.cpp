#include <algorithm>
#include <utility>

#include "tunnel_core.hpp"

namespace httvps::sdk {
namespace {

constexpr auto settled_after = std::chrono::seconds(5);

}

struct tunnel::core::event_handler {
  tunnel::core& owner;

  void operator()(const wire::session_established& fresh) const { owner.on_established(fresh); }
  void operator()(const wire::session_refused& refused) const { owner.on_refused(refused); }
  void operator()(const wire::peer_going_away& leaving) const { owner.on_going_away(leaving); }
  void operator()(const wire::session_restarted& again) const { owner.on_restarted(again); }
  void operator()(const wire::notice_received& notice) const {
    owner.record_failure(notice.code, notice.sentence);
  }
  void operator()(const wire::policy_received& heard) const { owner.on_policy(heard); }
  void operator()(const wire::stream_reset& broken) const {
    if (broken.code == wire::errc::control_only) {
      owner.on_restricted();
    }
  }
  void operator()(const wire::stream_closed& closed) const { owner.on_closed(closed); }
  void operator()(const wire::carrier_ready& ready) const { owner.on_ready(ready.carrier); }
  void operator()(const wire::carrier_measured& measured) const {
    owner.round_trips_.note(measured.round_trip);
  }
  void operator()(const wire::carrier_suspected& silent) const {
    owner.on_suspected(silent.carrier);
  }
  void operator()(const wire::carrier_retired& retired) const {
    owner.keeper_->note_retired(retired.carrier);
  }
  void operator()(const wire::carrier_failed& failed) const { owner.record_failure(failed.code); }
  template <typename Other>
  void operator()(const Other&) const {}
};

void tunnel::core::on_session_event(const wire::session_event& event) {
  std::visit(event_handler{*this}, event);
}

void tunnel::core::on_closed(const wire::stream_closed& closed) const {
  chosen_.log.debug("stream_closed", {{"stream", static_cast<std::uint64_t>(closed.stream)},
                                      {"carriers", closed.carriers}});
}

void tunnel::core::follow_direct_host(const std::string& host) {
  if (host.empty() || host == gateway_.host) {
    return;
  }
  const auto gateways = chosen_.account.gateways();
  const auto found = std::ranges::find(gateways, host, &identity::gateway_entry::host);
  if (found != gateways.end()) {
    gateway_ = *found;
    chosen_.log.info("direct_host", {{"gateway_id", gateway_.id}});
  } else if (std::exchange(unknown_host_, host) != host) {
    chosen_.log.warn("direct_host_unknown", {{"gateway_id", gateway_.id}, {"host", host}});
  }
}

void tunnel::core::on_established(const wire::session_established& fresh) {
  trusted_ = true;
  restricted_ = false;
  revoked_ = false;
  retry_after_ = std::chrono::seconds(0);
  ++sessions_;
  connected_since_ = chosen_.clock.system_now();
  chosen_.log.info("tunnel_connected",
                   {{"gateway_id", gateway_.id}, {"address", gateway_address_}});
  follow_direct_host(fresh.direct_host);
  connected_.notify();
  enter(tunnel_phase::connected);
}

void tunnel::core::on_restarted(const wire::session_restarted& again) {
  chosen_.log.warn(
      "gateway_lost",
      {{"gateway_id", gateway_.id}, {"reopened", again.reopened}, {"lost", again.lost}});
  record_failure(wire::errc::gateway_lost);
  early_failure_ = {};
  early_losses_ = 0;
  connected_since_.reset();
  enter(tunnel_phase::connecting);
  changed_.notify();
}

void tunnel::core::on_refused(const wire::session_refused& refused) {
  retry_after_ = refused.retry_after;
  restricted_ = restricted_ || refused.code == wire::errc::token_expired ||
                refused.code == wire::errc::control_only;
  record_failure(refused.code, refused.sentence);
  count_failure();
}

void tunnel::core::on_restricted() {
  restricted_ = true;
  if (current_) {
    current_->fail(wire::errc::cancelled);
  }
}

void tunnel::core::on_session_closed(const base::error& reason) {
  const auto closed = std::exchange(current_, nullptr);
  if (closed) {
    note_totals(*closed);
  }
  const auto now = chosen_.clock.system_now();
  if (connected_since_ && now - *connected_since_ >= settled_after) {
    backoff_.reset();
  }
  connected_since_.reset();
  if (!failure_told_ && !restricted_) {
    record_failure(reason);
  }
  changed_.notify();
}

}
