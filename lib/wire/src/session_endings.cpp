#include "session_core.hpp"

namespace httvps::wire {
void session::core::begin_ending(stream& each, send_half::ending how) {
  each.sending.end(how);
  mark_ready(each);
}

void session::core::begin_reset(stream& each, errc code) {
  const auto& ending = each.sending.end_state();
  const bool already = ending && ending->code && ending->when == delivery::immediate;
  const bool ended_one_direction = already && *ending->code == errc::stopped;
  if (already && (!ended_one_direction || code == errc::stopped)) {
    return;
  }
  abandon(each);
  begin_ending(each, {.code = code, .final_offset = each.sending.sent()});
}

void session::core::abandon(stream& each) {
  unacknowledged_ -= each.sending.unacknowledged();
  session_written_ -= each.sending.abandon();
  if (!line_.empty()) {
    retry_room(now_);
  }
}

void session::core::report_end(stream& each) {
  if (each.end_reported || !each.receiving.drained()) {
    return;
  }
  const auto& how = *each.receiving.end_state();
  if (how.code) {
    each.discarding = true;
    report_reset(each, *how.code);
    return;
  }
  each.end_reported = true;
  events_.push_back(stream_finished{each.id});
}

void session::core::report_reset(stream& each, errc code) {
  const bool over = each.end_reported && each.sending.end_state();
  if (!each.reset_reported && !over) {
    events_.push_back(stream_reset{each.id, code});
  }
  each.end_reported = each.reset_reported = true;
}

void session::core::kill(stream& each, errc code, base::steady_time now) {
  report_reset(each, code);
  if (each.open_state == stream::opening::unsent) {
    each.open_state = stream::opening::confirmed;
  }
  if (!each.sending.done() || !each.receiving.complete()) {
    begin_reset(each, code);
  }
  each.stop_due = each.stop_sent = false;
  each.discarding = true;
  discard(each, now);
  settle(each);
}

base::result<void> session::core::on(const fin_frame& frame, const receive_call& call) {
  HTTVPS_TRY(auto* each, expect(frame.stream));
  if (each == nullptr) {
    gone_.acknowledge(frame.stream, frame.final_offset);
    return {};
  }
  each->last_progress = call.now;
  HTTVPS_CHECK(grow_extent(*each, frame.final_offset));
  HTTVPS_CHECK(each->receiving.end({.code = std::nullopt, .final_offset = frame.final_offset}));
  if (each->discarding) {
    discard(*each, call.now);
  }
  acknowledger_.note_received(*each, 0, call.now);
  report_end(*each);
  schedule_stream_tick(call.now + options_.limits.half_closed_idle);
  settle(*each);
  return {};
}

base::result<void> session::core::close_unopened(const reset_frame& frame, base::steady_time now) {
  if (options_.role != role::gateway || !is_client_stream(frame.stream)) {
    return base::fail(errc::stream_id_invalid);
  }
  if (seen_.add(frame.stream) == id_intervals::outcome::too_many) {
    return base::fail(errc::gap_limit);
  }
  HTTVPS_CHECK(grow_session_extent(frame.final_offset));
  session_consumed_ += frame.final_offset;
  acknowledger_.note_credited(now);
  gone_.acknowledge(frame.stream, frame.final_offset);
  gone_.refuse(frame.stream);
  return {};
}

bool session::core::is_forgotten_by_peer(const stream& each,
                                         const reset_frame& frame) const noexcept {
  return from_wire(frame.code) == errc::closed && frame.final_offset == 0 &&
         each.receiving.highest() > 0;
}

base::result<void> session::core::take_reset(stream& each, const reset_frame& frame,
                                             base::steady_time now) {
  const auto code = from_wire(frame.code);
  const bool answers_stop = code == errc::stopped && each.stop_sent;
  HTTVPS_CHECK(grow_extent(each, frame.final_offset));
  HTTVPS_CHECK(
      each.receiving.end({.code = code, .when = frame.when, .final_offset = frame.final_offset}));
  if (answers_stop) {
    each.end_reported = true;
  } else if (frame.when == delivery::immediate) {
    report_reset(each, code);
  }
  if (!answers_stop && !each.sending.done()) {
    begin_reset(each, errc::closed);
  }
  each.discarding = each.discarding || frame.when == delivery::immediate;
  if (each.discarding) {
    discard(each, now);
  }
  return {};
}

base::result<void> session::core::on(const reset_frame& frame, const receive_call& call) {
  auto* each = find(frame.stream);
  if (each == nullptr && !seen_.contains(frame.stream)) {
    return close_unopened(frame, call.now);
  }
  if (each == nullptr) {
    gone_.acknowledge(frame.stream, frame.final_offset);
    if (from_wire(frame.code) != errc::closed) {
      gone_.refuse(frame.stream);
    }
    return {};
  }
  const bool forgotten = is_forgotten_by_peer(*each, frame);
  if (forgotten && each->receiving.complete() && each->sending.end_state()) {
    abandon(*each);
    each->sending.confirm_end();
    settle(*each);
    return {};
  }
  auto how = frame;
  how.final_offset = forgotten ? each->receiving.highest() : frame.final_offset;
  HTTVPS_CHECK(take_reset(*each, how, call.now));
  acknowledger_.note_received(*each, 0, call.now);
  report_end(*each);
  settle(*each);
  return {};
}

base::result<void> session::core::on(const stop_frame& frame, const receive_call&) {
  HTTVPS_TRY(auto* each, expect(frame.stream));
  if (each == nullptr || each->sending.done()) {
    return {};
  }
  const auto& ending = each->sending.end_state();
  if (ending && ending->code) {
    begin_reset(*each, *ending->code);
    return {};
  }
  begin_reset(*each, errc::stopped);
  events_.push_back(stream_stopped{frame.stream, from_wire(frame.code)});
  return {};
}

}
