#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {
namespace {

struct target_check {
  bool operator()(const domain_target& where) const {
    return !where.name.empty() && where.name.size() <= domain_most;
  }
  bool operator()(const ipv4_target&) const { return true; }
  bool operator()(const ipv6_target&) const { return true; }
  bool operator()(const reserved_target& where) const {
    return !where.name.empty() && where.name.size() <= reserved_name_most;
  }
};

errc own_reset_code(errc code) {
  return code == errc::stopped ? errc::cancelled : code;
}

}

base::result<stream_id> session::core::open(wire::target where, byte_view payload,
                                            base::steady_time now) {
  if (ended_ || farewell_) {
    return base::fail(errc::session_gone);
  }
  if (!std::visit(target_check{}, where)) {
    return base::fail(errc::target_invalid);
  }
  if (streams_.size() >= options_.limits.streams) {
    return base::fail(errc::stream_limit);
  }
  if (payload.size() > open_room()) {
    return base::fail(errc::buffer_exhausted);
  }
  now_ = now;
  const auto id = static_cast<stream_id>(next_stream_);
  auto& each = create(id, best_carrier(), now);
  each.turn_left = payload.size();
  if (write(id, payload) < payload.size()) {
    abandon(each);
    remove(id);
    return base::fail(errc::buffer_exhausted);
  }
  next_stream_ += 2;
  seen_.add(id);
  each.where = std::move(where);
  each.open_state = stream::opening::unsent;
  mark_ready(each);
  return id;
}

std::size_t session::core::open_room() const noexcept {
  return static_cast<std::size_t>(std::min(initial_stream_window, shared_room()));
}

std::size_t session::core::send_room(stream_id id) const {
  const auto* each = find(id);
  if (each == nullptr || each->sending.end_state()) {
    return 0;
  }
  return static_cast<std::size_t>(std::min(each->sending.window_left(), room_in_turn(*each)));
}

void session::core::await_room(stream_id id, std::size_t wanted) {
  auto* each = find(id);
  if (each == nullptr) {
    return;
  }
  const auto most = std::min<byte_count>(room_wanted_most, options_.limits.replay);
  each->room_wanted =
      static_cast<std::size_t>(std::clamp<byte_count>(wanted, 1, std::max<byte_count>(most, 1)));
  each->awaits_room = true;
  spend_turn(*each, each->turn_left);
  stand_in_line(*each);
  if (std::min(each->sending.window_left(), shared_room()) >= each->room_wanted) {
    retry_room(pool_is_starved() ? now_ + room_retry_delay : now_);
  }
}

byte_span session::core::reserve(stream_id id, std::size_t wanted) {
  auto* each = find(id);
  const auto room = send_room(id);
  if (each == nullptr || room == 0) {
    return {};
  }
  const auto space = each->sending.reserve(pool_, std::min(wanted, room));
  each->reserved = std::min(space.size(), room);
  return space.first(each->reserved);
}

void session::core::commit(stream_id id, std::size_t count) {
  auto* each = find(id);
  if (each == nullptr) {
    return;
  }
  const auto taken = each->sending.commit(std::min(count, each->reserved));
  if (taken == 0) {
    return;
  }
  each->reserved -= taken;
  spend_turn(*each, taken);
  session_written_ += taken;
  unacknowledged_ += taken;
  mark_ready(*each);
}

std::size_t session::core::write(stream_id id, byte_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const auto rest = bytes.subspan(written);
    const auto space = reserve(id, std::min(rest.size(), base::large_slab_size));
    if (space.empty()) {
      break;
    }
    const auto count = std::min(space.size(), rest.size());
    base::copy_bytes(space, rest.first(count));
    commit(id, count);
    written += count;
  }
  return written;
}

void session::core::finish(stream_id id, base::steady_time now) {
  auto* each = find(id);
  if (each == nullptr || each->sending.end_state()) {
    return;
  }
  now_ = now;
  begin_ending(*each, {.code = std::nullopt, .final_offset = each->sending.written()});
  schedule_stream_tick(now + options_.limits.half_closed_idle);
}

void session::core::fail_after_data(stream_id id, errc code) {
  auto* each = find(id);
  if (each == nullptr || each->sending.end_state()) {
    return;
  }
  begin_ending(*each, {.code = own_reset_code(code),
                       .when = delivery::after_data,
                       .final_offset = each->sending.written()});
}

void session::core::reset(stream_id id, errc code) {
  auto* each = find(id);
  if (each == nullptr) {
    return;
  }
  each->end_reported = each->reset_reported = true;
  kill(*each, own_reset_code(code), now_);
}

void session::core::stop(stream_id id, errc code, base::steady_time now) {
  auto* each = find(id);
  if (each == nullptr || each->discarding) {
    return;
  }
  now_ = now;
  each->stop_due = !each->receiving.end_state();
  each->stop_code = code;
  each->discarding = true;
  discard(*each, now);
  const auto& ending = each->receiving.end_state();
  if (each->receiving.complete() && !ending->code) {
    each->end_reported = true;
  }
  report_end(*each);
  mark_ready(*each);
  settle(*each);
}

byte_view session::core::peek(stream_id id) const {
  const auto* each = find(id);
  return each == nullptr ? byte_view{} : each->receiving.peek();
}

void session::core::consume(stream_id id, std::size_t count, base::steady_time now) {
  auto* each = find(id);
  if (each == nullptr) {
    return;
  }
  const auto taken =
      static_cast<std::size_t>(std::min<byte_count>(count, each->receiving.buffered()));
  if (taken == 0) {
    return;
  }
  now_ = now;
  each->receiving.consume(taken);
  recount(*each);
  each->unread_since = now;
  account_consumed(*each, taken, now);
  report_end(*each);
  settle(*each);
}

}
