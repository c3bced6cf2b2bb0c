#include <algorithm>
#include <utility>

#include "session_core.hpp"

namespace httvps::wire {

std::optional<base::steady_time> session::core::suspicion_at(
    const carrier_state& carrier) const noexcept {
  if (!carrier.outstanding_ping || carrier.suspect || carrier.failed) {
    return std::nullopt;
  }
  const auto known = carrier.round_trip ? carrier.round_trip : round_trip_;
  const auto round_trip = known ? known : carrier.first_round_trip;
  const base::duration least = round_trip ? base::duration(suspicion_least) : silence_before_probe;
  const auto patience = std::max<base::duration>(least, 4 * round_trip.value_or(least / 4));
  const auto from = std::max(carrier.ping_sent_at, carrier.last_progress);
  const auto alive = std::max(carrier.last_heard + suspicion_least, carrier.last_taken + patience);
  return std::min(std::max(from + patience, alive),
                  from + std::max<base::duration>(suspicion_while_heard, 2 * patience));
}

bool session::core::awaits_answer(carrier_number carrier) const noexcept {
  const auto* found = find_carrier(carrier);
  return found != nullptr && found->outstanding_ping && !found->suspect;
}

void session::core::note_taken(carrier_number carrier, base::steady_time now) noexcept {
  if (auto* found = find_carrier(carrier)) {
    found->last_taken = now;
  }
}

std::optional<base::steady_time> session::core::probe_at(
    const carrier_state& carrier) const noexcept {
  if (options_.role != role::client || carrier.outstanding_ping || carrier.ping_wanted ||
      !carrier.heard_greeting) {
    return std::nullopt;
  }
  const auto silence = carrier.last_heard + silence_before_probe * (1U << carrier.silent_probes);
  return carrier.silence_armed ? std::min(silence, carrier.keepalive_at) : carrier.keepalive_at;
}

void session::core::expect_answer(carrier_state& carrier) noexcept {
  carrier.silence_armed = true;
  carrier.silent_probes = 0;
}

void session::core::tick_carrier(carrier_state& carrier, base::steady_time now) {
  if (const auto probe = probe_at(carrier); probe && now >= *probe) {
    carrier.ping_wanted = true;
    if (carrier.silence_armed) {
      carrier.silence_armed = ++carrier.silent_probes < silent_probes_most;
    }
  }
  if (!carrier.failed && now - carrier.last_heard >= options_.limits.carrier_silence) {
    carrier.failed = true;
    events_.push_back(carrier_failed{carrier.number, errc::carrier_silent});
  }
  if (const auto due = suspicion_at(carrier); due && now >= *due) {
    suspect(carrier, now);
  }
}

void session::core::suspect(carrier_state& carrier, base::steady_time now) {
  carrier.suspect = true;
  events_.push_back(carrier_suspected{carrier.number});
  if (any_usable()) {
    move_streams(carrier, now);
  }
}

void session::core::move_streams(carrier_state& from, base::steady_time now) {
  if (from.reported && from.pinned == 0) {
    return;
  }
  if (!std::exchange(from.reported, true)) {
    reports_.push_back(from.number);
  }
  repeat_since(from.proved_until, now);
  leave_carrier(from.number);
  datagrams_.detach(from.number);
  settle_loss(from.number);
}

void session::core::note_progress(carrier_number carrier, base::steady_time now) noexcept {
  if (auto* found = find_carrier(carrier)) {
    found->last_progress = now;
  }
}

base::result<void> session::core::on(const carrier_frame& frame, const receive_call& call) {
  if (!agreed(capability::several_carriers)) {
    return base::fail(errc::frame_not_negotiated);
  }
  auto* named = find_carrier(frame.carrier);
  if (frame.suspect == carrier_number{}) {
    if (named != nullptr && options_.role == role::client) {
      retire(frame.carrier, named->produced, call.now);
      events_.push_back(carrier_retired{frame.carrier});
    } else if (named != nullptr) {
      retire(frame.carrier, named->produced, call.now);
    }
    return {};
  }
  if (frame.suspect != frame.carrier) {
    return base::fail(errc::frame_malformed);
  }
  if (std::erase_if(lost_, [&](const auto& each) { return each.number == frame.carrier; }) > 0) {
    settle_loss(frame.carrier);
  } else if (named != nullptr && named != &call.carrier && !named->reported_by_peer) {
    hear_report(*named, call.now);
  }
  return {};
}

void session::core::hear_report(carrier_state& named, base::steady_time now) {
  named.reported_by_peer = true;
  if (named.reported) {
    settle_loss(named.number);
    return;
  }
  if (!named.suspect) {
    named.suspect = true;
    events_.push_back(carrier_suspected{named.number});
  }
  move_streams(named, now);
}

base::result<void> session::core::on(const ping_frame& frame, const receive_call& call) {
  if (call.carrier.pongs.size() < control_queue_most) {
    call.carrier.pongs.push_back({frame.opaque});
  }
  return {};
}

base::result<void> session::core::on(const pong_frame& frame, const receive_call& call) {
  auto& carrier = call.carrier;
  if (!carrier.outstanding_ping || carrier.outstanding_ping->opaque != frame.opaque) {
    return {};
  }
  carrier.outstanding_ping.reset();
  carrier.last_progress = call.now;
  carrier.proved_until = std::max(carrier.proved_until, carrier.ping_sent_at - acknowledge_delay);
  carrier.suspect = carrier.reported;
  forget_proved_losses();
  const auto sample = call.now - carrier.ping_sent_at;
  const auto smooth = [sample](std::optional<base::duration>& known) {
    known = known ? (*known * 7 + sample) / 8 : sample;
  };
  smooth(carrier.round_trip);
  smooth(round_trip_);
  events_.push_back(carrier_measured{carrier.number, sample});
  return {};
}

void session::core::forget_proved_losses() noexcept {
  const bool proved = std::ranges::all_of(
      carriers_, [this](const auto& each) { return each->proved_until >= last_loss_; });
  if (proved) {
    unproved_since_.reset();
  }
}

bool session::core::ping_due(const carrier_state& carrier, base::steady_time now) const noexcept {
  if (ended_ || carrier.outstanding_ping || !carrier.heard_greeting || carrier.retiring) {
    return false;
  }
  const bool keepalive = options_.role == role::client && now >= carrier.keepalive_at;
  return keepalive || carrier.ping_wanted ||
         (carrier.traffic_since_probe && now >= carrier.next_probe);
}

void session::core::write_ping(carrier_state& carrier, frame_writer& out, base::steady_time now) {
  if (!ping_due(carrier, now) || acknowledger_.due(now, session_window_)) {
    return;
  }
  const ping_frame ping{random_.take<8>()};
  if (!out.put(ping)) {
    return;
  }
  carrier.outstanding_ping = ping;
  carrier.ping_sent_at = now;
  carrier.next_probe = now + round_trip_probe_interval;
  carrier.traffic_since_probe = false;
  schedule_keepalive(carrier, now);
}

void session::core::write_reports(frame_writer& out) {
  while (!reports_.empty() && !acknowledger_.pending()) {
    const carrier_frame report{.carrier = reports_.front(), .suspect = reports_.front()};
    if (!out.put(report)) {
      return;
    }
    reports_.erase(reports_.begin());
  }
}

void session::core::write_last_word(carrier_state& carrier, frame_writer& out) {
  if (carrier.last_word_sent) {
    return;
  }
  const carrier_frame word{.carrier = carrier.number,
                           .down_budget = carrier.down_budget,
                           .bytes_sent = carrier.bytes_at_retirement};
  carrier.last_word_sent = out.put(word);
}

}
