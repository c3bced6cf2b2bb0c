#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {

base::result<void> session::core::grow_session_extent(byte_count grown) {
  if (grown > session_granted_ - session_highest_) {
    return base::fail(errc::window_exceeded);
  }
  session_highest_ += grown;
  return {};
}

base::result<void> session::core::grow_extent(stream& each, byte_count end) {
  HTTVPS_TRY(const auto grown, each.receiving.note_extent(end));
  return grow_session_extent(grown);
}

void session::core::account_consumed(stream& each, byte_count bytes, base::steady_time now) {
  if (bytes == 0) {
    return;
  }
  const byte_count credited = std::min(bytes, each.credited_unread);
  each.credited_unread -= credited;
  session_consumed_ += bytes - credited;
  acknowledger_.note_consumed(each, bytes, now);
}

void session::core::discard(stream& each, base::steady_time now) {
  const byte_count before = each.receiving.consumed();
  each.receiving.discard();
  recount(each);
  account_consumed(each, each.receiving.consumed() - before, now);
}

void session::core::recount(stream& each) noexcept {
  unread_ += each.receiving.buffered() - each.counted_unread;
  held_ahead_ += each.receiving.held_ahead() - each.counted_ahead;
  each.counted_unread = each.receiving.buffered();
  each.counted_ahead = each.receiving.held_ahead();
}

void session::core::hurry_if_tight(const stream& each, base::steady_time now) {
  const bool session_tight = session_granted_ - session_highest_ < session_window_ / 8;
  const byte_count stream_left = each.receiving.limit() - each.receiving.highest();
  if (session_tight || stream_left < each.receiving.window() / 8) {
    acknowledger_.hurry(now);
  }
}

void session::core::announce_windows(base::steady_time now) {
  for (auto& entry : acknowledger_.windows()) {
    if (auto* each = find(entry.stream)) {
      widen_window(*each, now);
      entry.offset = each->receiving.announce();
    }
  }
  if (round_trip_ &&
      session_meter_.half_drained_fast(session_consumed_, session_window_, *round_trip_, now) &&
      !pool_.under_pressure()) {
    session_window_ = std::max(
        session_window_, std::min(session_window_ * 2, options_.limits.largest_session_window));
  }
  session_granted_ = std::max(session_granted_, session_consumed_ + session_window_);
}

void session::core::widen_window(stream& each, base::steady_time now) {
  const byte_count window = each.receiving.window();
  const byte_count most = std::min(options_.limits.largest_stream_window, session_window_ / 2);
  if (round_trip_ &&
      each.meter.half_drained_fast(each.receiving.consumed(), window, *round_trip_, now) &&
      !pool_.under_pressure() && window * 2 <= most) {
    each.receiving.widen(window * 2);
  }
}

void session::core::enforce_unread_limit(base::steady_time now) {
  while (unread_ > options_.limits.unread) {
    const auto slowest = std::ranges::max_element(streams_, {}, [](const auto& entry) {
      const auto& each = entry.second;
      return std::pair(each.credited_unread > 0, each.receiving.buffered());
    });
    kill(slowest->second, errc::slow_reader, now);
  }
}

byte_count session::core::replay_room() const noexcept {
  const byte_count cap = pool_.allowance(options_.limits.replay, replay_floor);
  return cap > unacknowledged_ ? cap - unacknowledged_ : 0;
}

byte_count session::core::shared_room() const noexcept {
  return ended_ ? 0 : std::min(peer_session_limit_ - session_written_, replay_room());
}

bool session::core::pool_is_starved() const noexcept {
  return pool_.used() + base::large_slab_size > pool_.limit();
}

void session::core::stand_in_line(stream& each) {
  if (each.awaits_room) {
    line_.join(each);
  }
}

void session::core::retry_room(base::steady_time when) {
  if (!retry_room_at_ || when < *retry_room_at_) {
    retry_room_at_ = when;
  }
}

byte_count session::core::room_in_turn(const stream& each) const noexcept {
  const byte_count shared = shared_room();
  const byte_count own = each.turn_round == turn_round_ ? each.turn_left : 0;
  const byte_count others = promised_ - own;
  const byte_count free = line_.empty() && shared > others ? shared - others : 0;
  return std::min(shared, std::max(each.turn_left, free));
}

void session::core::spend_turn(stream& each, byte_count bytes) noexcept {
  const byte_count spent = std::min(each.turn_left, bytes);
  each.turn_left -= spent;
  promised_ -= each.turn_round == turn_round_ ? spent : 0;
}

void session::core::call_from_line(stream& each, byte_count room) {
  each.awaits_room = false;
  each.turn_left = room;
  each.turn_round = turn_round_;
  promised_ += room;
  events_.push_back(stream_writable{each.id});
}

void session::core::report_writable() {
  if (!line_.empty() && pool_is_starved()) {
    retry_room(now_ + room_retry_delay);
    return;
  }
  ++turn_round_;
  promised_ = 0;
  const byte_count shared = shared_room();
  const byte_count share = shared / std::max<byte_count>(line_.size(), 1);
  while (auto* each = line_.front()) {
    if (!each->sending.end_state() && shared - promised_ < each->room_wanted) {
      if (shared >= each->room_wanted) {
        retry_room(now_ + room_retry_delay);
      }
      return;
    }
    line_.leave(*each);
    if (!each->sending.end_state() && each->sending.window_left() >= each->room_wanted) {
      const auto room = std::max<byte_count>(share, each->room_wanted);
      call_from_line(*each, std::min(room, shared - promised_));
    }
  }
}

}
