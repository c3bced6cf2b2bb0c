#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {

carrier_state* session::core::find_carrier(carrier_number number) const noexcept {
  for (const auto& each : carriers_) {
    if (each->number == number) {
      return each.get();
    }
  }
  return nullptr;
}

bool session::core::take_carrier_number(carrier_number number) {
  const auto wanted = static_cast<std::uint64_t>(number);
  if (wanted > highest_carrier_) {
    const auto shift = wanted - highest_carrier_;
    carrier_bitmap_ = shift >= 64 ? 1 : (carrier_bitmap_ << shift) | 1U;
    highest_carrier_ = wanted;
    return true;
  }
  const auto age = highest_carrier_ - wanted;
  if (age >= 64 || (carrier_bitmap_ >> age & 1U) != 0) {
    return false;
  }
  carrier_bitmap_ |= std::uint64_t{1} << age;
  return true;
}

base::result<void> session::core::attach(attachment how, base::steady_time now) {
  if (ended_) {
    return base::fail(errc::session_gone);
  }
  if (carriers_.size() >= options_.limits.carriers) {
    return base::fail(errc::carrier_limit);
  }
  if (how.carrier == carrier_number{} || !take_carrier_number(how.carrier)) {
    return base::fail(errc::carrier_number_reused);
  }
  now_ = now;
  if (how.peer_session_limit) {
    peer_session_limit_ = std::max(peer_session_limit_, *how.peer_session_limit);
  }
  for (const auto& state : how.peer_streams) {
    if (const auto applied = apply_peer_state(state, now); !applied) {
      end(from_wire(static_cast<std::uint64_t>(applied.error().value())));
      return applied;
    }
  }
  auto carrier = std::make_shared<carrier_state>();
  carrier->number = how.carrier;
  carrier->reader = std::move(how.reader);
  carrier->last_heard = now;
  carrier->heard_greeting = options_.role == role::gateway;
  schedule_keepalive(*carrier, now);
  carriers_.push_back(std::move(carrier));
  detached_since_.reset();
  established_ = established_ || options_.role == role::gateway;
  pin_streams(how.carrier);
  report_writable();
  return {};
}

base::result<void> session::core::apply_peer_state(const receive_state& state,
                                                   base::steady_time now) {
  HTTVPS_CHECK(apply_ack({state.stream, state.received}, now));
  if (auto* each = find(state.stream)) {
    if (each->sending.raise_limit(state.limit)) {
      stand_in_line(*each);
    }
    each->last_progress = now;
  }
  return {};
}

void session::core::schedule_keepalive(carrier_state& carrier, base::steady_time now) {
  if (options_.role != role::client) {
    return;
  }
  const auto least = options_.limits.keepalive_least;
  const auto spread = std::max(options_.limits.keepalive_most, least) - least;
  const auto extra = random_.below(static_cast<std::uint64_t>(spread.count()) + 1);
  carrier.keepalive_after = least + std::chrono::milliseconds(extra);
  carrier.keepalive_at = now + carrier.keepalive_after;
  carrier.ping_wanted = false;
}

void session::core::pin_streams(carrier_number carrier) {
  for (auto& [id, each] : streams_) {
    if (each.carrier == carrier_number{}) {
      each.carrier = carrier;
      mark_ready(each);
    }
  }
}

void session::core::unpin(stream& each, carrier_number lost, carrier_number heir) {
  each.sending.lose(lost);
  each.stop_due = each.stop_due || (each.stop_sent && !each.receiving.end_state());
  if (each.open_state == stream::opening::sent && each.open_carrier == lost) {
    each.open_state = stream::opening::unsent;
  }
  if (each.carrier == lost) {
    each.carrier = heir;
    each.queued = false;
    mark_ready(each);
  }
}

void session::core::detach(carrier_number carrier, base::steady_time now) {
  const auto removed =
      std::erase_if(carriers_, [carrier](const auto& each) { return each->number == carrier; });
  if (removed == 0 || ended_) {
    return;
  }
  now_ = now;
  const auto heir = carriers_.empty() ? carrier_number{} : carriers_.front()->number;
  for (auto& [id, each] : streams_) {
    unpin(each, carrier, heir);
  }
  outstanding_ping_.reset();
  farewell_sent_ = false;
  if (!carriers_.empty()) {
    return;
  }
  detached_since_ = now;
  if (options_.limits.detached_for == std::chrono::milliseconds(0)) {
    end(errc::carrier_lost);
  }
}

}
