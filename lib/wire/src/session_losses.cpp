#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {

void session::core::settle_loss(carrier_number lost) {
  for (auto& [id, each] : streams_) {
    each.sending.lose(lost);
    each.stop_due = each.stop_due || (each.stop_sent && !each.receiving.end_state());
    if (each.open_state == stream::opening::sent && each.open_carrier == lost) {
      each.open_state = stream::opening::unsent;
    }
    mark_ready(each);
  }
  for (const auto& each : carriers_) {
    each->small_turns_from = each->produced;
  }
}

void session::core::settle_losses(base::steady_time until) {
  for (auto& each : lost_) {
    if (each.settle_at && *each.settle_at <= until) {
      each.settle_at.reset();
      settle_loss(each.number);
    }
  }
}

void session::core::repeat_since(base::steady_time moment, base::steady_time now) {
  for (auto& [id, each] : streams_) {
    const bool silent = each.receiving.highest() == 0 && !each.receiving.end_state();
    const bool maybe_unopened = options_.role == role::client && silent;
    if (each.received_at >= moment && !maybe_unopened) {
      acknowledger_.repeat(each, now);
    }
  }
  acknowledger_.note_credited(now);
}

base::steady_time session::core::proved_horizon(const carrier_state* except) const noexcept {
  auto horizon = unproved_since_.value_or(base::steady_time::max());
  for (const auto& each : carriers_) {
    if (each.get() != except) {
      horizon = std::min(horizon, each->proved_until);
    }
  }
  return horizon;
}

byte_count session::core::unanswered_on(carrier_number carrier) const noexcept {
  byte_count bytes = 0;
  for (const auto& [id, each] : streams_) {
    bytes += each.sending.unanswered_on(carrier);
  }
  return bytes;
}

void session::core::remember_loss(carrier_number lost, base::steady_time settle_at) {
  if (lost_.size() >= lost_carriers_most) {
    if (lost_.front().settle_at) {
      settle_loss(lost_.front().number);
    }
    lost_.erase(lost_.begin());
  }
  lost_.push_back({lost, settle_at});
}

void session::core::detach(carrier_number carrier, base::steady_time now) {
  const auto* leaving = find_carrier(carrier);
  if (leaving == nullptr) {
    return;
  }
  datagrams_.detach(carrier);
  const auto proved = leaving->proved_until;
  forget_policy_on(*leaving);
  const bool settled = leaving->reported || unanswered_on(carrier) <= repeated_unasked_most;
  for (auto& [id, each] : streams_) {
    if (each.carrier == carrier) {
      pin(each, carrier_number{});
    }
  }
  std::erase_if(carriers_, [carrier](const auto& each) { return each->number == carrier; });
  if (ended_) {
    return;
  }
  now_ = now;
  farewell_sent_ = false;
  unproved_since_ = std::min(unproved_since_.value_or(proved), proved);
  last_loss_ = now;
  const auto patience =
      std::max<base::duration>(loss_report_patience, 2 * round_trip_.value_or(base::duration(0)));
  remember_loss(carrier, settled ? now : now + patience);
  if (carriers_.empty()) {
    stand_alone(now);
    return;
  }
  repeat_since(proved, now);
  if (std::ranges::find(reports_, carrier) == reports_.end()) {
    reports_.push_back(carrier);
  }
  settle_losses(any_usable() ? now : base::steady_time::max());
  pin_waiting_streams();
}

void session::core::stand_alone(base::steady_time now) {
  settle_losses(base::steady_time::max());
  reports_.clear();
  detached_since_ = now;
  if (options_.limits.detached_for == std::chrono::milliseconds(0)) {
    end(errc::carrier_lost);
  }
}

}
