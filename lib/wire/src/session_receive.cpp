#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {
namespace {

bool may_be_client_stream(stream_id id) {
  return static_cast<std::uint64_t>(id) % 2 == 1;
}

}

base::result<void> session::core::receive(carrier_number number, byte_view bytes, data_sink& sink,
                                          base::steady_time now) {
  auto* carrier = find_carrier(number);
  if (carrier == nullptr || ended_) {
    return base::fail(errc::session_gone);
  }
  carrier->last_heard = now;
  schedule_keepalive(*carrier, now);
  const receive_call call{*carrier, sink, now};
  while (!ended_) {
    auto next = carrier->reader.next(bytes);
    if (next && !*next) {
      break;
    }
    const auto outcome = next ? handle(**next, call) : std::unexpected(next.error());
    if (!outcome) {
      end(from_wire(static_cast<std::uint64_t>(outcome.error().value())));
      return outcome;
    }
  }
  report_writable();
  return {};
}

base::result<void> session::core::handle(const frame& received, const receive_call& call) {
  const bool greeting = std::holds_alternative<welcome_frame>(received) ||
                        std::holds_alternative<refuse_frame>(received);
  if (!call.carrier.heard_greeting && !greeting) {
    return base::fail(errc::protocol_violation);
  }
  return std::visit([this, &call](const auto& each) { return on(each, call); }, received);
}

base::result<void> session::core::on(const pad_frame&, const receive_call&) {
  return {};
}

base::result<void> session::core::on(const hello_frame&, const receive_call&) {
  return base::fail(errc::protocol_violation);
}

base::result<void> session::core::on(const welcome_frame& frame, const receive_call& call) {
  if (options_.role != role::client || call.carrier.heard_greeting) {
    return base::fail(errc::protocol_violation);
  }
  if (frame.version != protocol_version) {
    return base::fail(errc::version_unsupported);
  }
  call.carrier.heard_greeting = true;
  options_.epoch = frame.epoch;
  peer_session_limit_ = std::max(peer_session_limit_, frame.session_limit);
  for (const auto& state : frame.streams) {
    HTTVPS_CHECK(apply_peer_state(state, call.now));
  }
  if (!established_) {
    established_ = true;
    events_.push_back(session_established{});
  }
  return {};
}

base::result<void> session::core::on(const refuse_frame& frame, const receive_call& call) {
  if (options_.role != role::client || call.carrier.heard_greeting) {
    return base::fail(errc::protocol_violation);
  }
  const auto code = from_wire(frame.code);
  const auto retry = std::min<std::uint64_t>(frame.retry_after_seconds, 86400);
  events_.push_back(
      session_refused{code, std::chrono::seconds(retry), std::string(frame.sentence)});
  end(code);
  return {};
}

base::result<void> session::core::on(const challenge_frame&, const receive_call&) {
  return base::fail(errc::frame_not_negotiated);
}

base::result<void> session::core::on(const open_frame& frame, const receive_call& call) {
  if (options_.role != role::gateway || !may_be_client_stream(frame.stream)) {
    return base::fail(errc::stream_id_invalid);
  }
  const auto seen = seen_.add(frame.stream);
  if (seen == id_intervals::outcome::too_many) {
    return base::fail(errc::gap_limit);
  }
  if (seen == id_intervals::outcome::added) {
    auto& each = create(frame.stream, call.carrier.number, call.now);
    acknowledger_.note_received(each, 0, call.now);
    if (streams_.size() > options_.limits.streams || farewell_) {
      each.end_reported = true;
      kill(each, farewell_ ? errc::gateway_draining : errc::stream_limit, call.now);
    } else {
      events_.push_back(stream_opened{frame.stream, frame.target});
    }
  }
  return frame.payload.empty() ? base::result<void>()
                               : on(data_frame{frame.stream, 0, frame.payload}, call);
}

base::result<stream*> session::core::expect(stream_id id) {
  if (auto* each = find(id)) {
    return each;
  }
  if (!seen_.contains(id)) {
    return base::fail(errc::stream_id_invalid);
  }
  return nullptr;
}

void session::core::answer_gone(stream_id id) {
  if (gone_.size() < control_queue_most && std::ranges::find(gone_, id) == gone_.end()) {
    gone_.push_back(id);
  }
}

base::result<void> session::core::on(const data_frame& frame, const receive_call& call) {
  HTTVPS_TRY(auto* each, expect(frame.stream));
  if (each == nullptr) {
    answer_gone(frame.stream);
    return {};
  }
  traffic_since_probe_ = true;
  each->last_progress = call.now;
  counters_.payload_received += frame.payload.size();
  return tolerate(accept(*each, frame, call), frame.stream, call.now);
}

base::result<void> session::core::tolerate(base::result<void> outcome, stream_id id,
                                           base::steady_time now) {
  const bool local =
      !outcome && (outcome.error() == errc::buffer_exhausted || outcome.error() == errc::gap_limit);
  if (!local) {
    return outcome;
  }
  if (auto* each = find(id)) {
    kill(*each, static_cast<errc>(outcome.error().value()), now);
  }
  return {};
}

base::result<void> session::core::grow_extent(stream& each, byte_count end) {
  HTTVPS_TRY(const auto grown, each.receiving.note_extent(end));
  session_highest_ += grown;
  if (session_highest_ > session_granted_) {
    return base::fail(errc::window_exceeded);
  }
  return {};
}

base::result<void> session::core::accept(stream& each, const data_frame& data,
                                         const receive_call& call) {
  const byte_count end = data.offset + data.payload.size();
  HTTVPS_CHECK(grow_extent(each, end));
  const byte_count known = each.receiving.received();
  acknowledger_.note_received(each, data.payload.size(), call.now);
  if (each.discarding) {
    discard(each, call.now);
    settle(each);
    return {};
  }
  if (end <= known) {
    return {};
  }
  if (data.offset > known) {
    return each.receiving.keep_ahead(data.offset, data.payload, pool_);
  }
  const auto id = each.id;
  hurry_if_tight(each, call.now);
  HTTVPS_TRY(const auto rest, deliver(each, data.payload.subspan(known - data.offset), call));
  if (rest == 0) {
    flush_buffered(id, call);
  }
  return {};
}

void session::core::hurry_if_tight(const stream& each, base::steady_time now) {
  const bool session_tight = session_granted_ - session_highest_ < session_window_ / 8;
  const byte_count stream_left = each.receiving.limit() - each.receiving.highest();
  if (session_tight || stream_left < each.receiving.window() / 8) {
    acknowledger_.hurry(now);
  }
}

base::result<std::size_t> session::core::deliver(stream& each, byte_view fresh,
                                                 const receive_call& call) {
  const auto id = each.id;
  std::size_t taken = 0;
  if (each.receiving.buffered() == 0) {
    taken = call.sink.on_data(id, fresh);
  }
  auto* still = find(id);
  if (still == nullptr || still->discarding) {
    return fresh.size();
  }
  const byte_count offset = still->receiving.received();
  still->receiving.advance(taken);
  still->receiving.note_consumed(taken);
  account_consumed(*still, taken, call.now);
  const auto rest = fresh.subspan(taken);
  if (!rest.empty()) {
    if (still->receiving.buffered() == 0) {
      still->unread_since = call.now;
    }
    const byte_count before = still->receiving.buffered();
    const auto kept = still->receiving.keep(offset + taken, rest, pool_);
    unread_ += still->receiving.buffered() - before;
    HTTVPS_CHECK(kept);
    schedule_stream_tick(call.now + options_.limits.stalled_after);
  }
  const byte_count before = still->receiving.buffered();
  const auto absorbed = still->receiving.absorb_ahead(pool_);
  unread_ += still->receiving.buffered() - before;
  HTTVPS_CHECK(absorbed);
  acknowledger_.note_received(*still, 0, call.now);
  return rest.size();
}

void session::core::flush_buffered(stream_id id, const receive_call& call) {
  auto* each = find(id);
  while (each != nullptr && !each->discarding && each->receiving.buffered() > 0) {
    const auto taken = call.sink.on_data(id, each->receiving.peek());
    each = find(id);
    if (taken == 0 || each == nullptr) {
      break;
    }
    each->receiving.consume(taken);
    unread_ -= taken;
    each->unread_since = call.now;
    account_consumed(*each, taken, call.now);
  }
  if (each != nullptr) {
    report_end(*each);
    settle(*each);
  }
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
  unread_ -= each.receiving.discard();
  account_consumed(each, each.receiving.consumed() - before, now);
}

void session::core::report_end(stream& each) {
  if (each.end_reported || !each.receiving.drained()) {
    return;
  }
  each.end_reported = true;
  const auto& how = *each.receiving.end_state();
  if (!how.code) {
    events_.push_back(stream_finished{each.id});
    return;
  }
  each.discarding = true;
  events_.push_back(stream_reset{each.id, *how.code});
}

base::result<void> session::core::on(const fin_frame& frame, const receive_call& call) {
  HTTVPS_TRY(auto* each, expect(frame.stream));
  if (each == nullptr) {
    acknowledger_.note_ended(frame.stream, frame.final_offset + 1, call.now);
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

base::result<void> session::core::on(const reset_frame& frame, const receive_call& call) {
  HTTVPS_TRY(auto* each, expect(frame.stream));
  if (each == nullptr) {
    acknowledger_.note_ended(frame.stream, frame.final_offset + 1, call.now);
    return {};
  }
  const bool answer_to_gone = from_wire(frame.code) == errc::closed && frame.final_offset == 0;
  const byte_count final_offset = answer_to_gone ? each->receiving.highest() : frame.final_offset;
  HTTVPS_CHECK(grow_extent(*each, final_offset));
  HTTVPS_CHECK(each->receiving.end(
      {.code = from_wire(frame.code), .when = frame.when, .final_offset = final_offset}));
  const bool answers_stop = from_wire(frame.code) == errc::stopped && each->stop_sent;
  if (answers_stop) {
    each->end_reported = true;
  }
  if (frame.when == delivery::immediate && !each->end_reported) {
    each->end_reported = true;
    events_.push_back(stream_reset{each->id, from_wire(frame.code)});
  }
  if (!answers_stop && !each->sending.done()) {
    abandon(*each);
    begin_ending(*each, {.code = errc::closed, .final_offset = each->sending.sent()});
  }
  if (frame.when == delivery::immediate) {
    each->discarding = true;
  }
  if (each->discarding) {
    discard(*each, call.now);
  }
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
    return {};
  }
  abandon(*each);
  begin_ending(*each, {.code = errc::stopped, .final_offset = each->sending.sent()});
  events_.push_back(stream_stopped{frame.stream, from_wire(frame.code)});
  return {};
}

base::result<void> session::core::on(const window_frame& frame, const receive_call&) {
  peer_session_limit_ = std::max(peer_session_limit_, frame.session_limit);
  for (const auto& [id, limit] : frame.streams) {
    HTTVPS_TRY(auto* each, expect(id));
    if (each != nullptr) {
      each->sending.raise_limit(limit);
    }
  }
  return {};
}

base::result<void> session::core::apply_ack(const stream_offset& entry) {
  HTTVPS_TRY(auto* each, expect(entry.stream));
  if (each == nullptr) {
    return {};
  }
  HTTVPS_TRY(const auto freed, each->sending.acknowledge(entry.offset));
  unacknowledged_ -= freed;
  if (each->open_state == stream::opening::sent) {
    each->open_state = stream::opening::confirmed;
  }
  settle(*each);
  return {};
}

base::result<void> session::core::on(const ack_frame& frame, const receive_call&) {
  for (const auto& entry : frame.streams) {
    HTTVPS_CHECK(apply_ack(entry));
  }
  return {};
}

base::result<void> session::core::on(const datagram_frame&, const receive_call&) {
  return base::fail(errc::frame_not_negotiated);
}

base::result<void> session::core::on(const ping_frame& frame, const receive_call& call) {
  if (call.carrier.pongs.size() < control_queue_most) {
    call.carrier.pongs.push_back({frame.opaque});
  }
  return {};
}

base::result<void> session::core::on(const pong_frame& frame, const receive_call& call) {
  if (!outstanding_ping_ || outstanding_ping_->opaque != frame.opaque) {
    return {};
  }
  outstanding_ping_.reset();
  const auto sample = call.now - ping_sent_at_;
  round_trip_ = round_trip_ ? (*round_trip_ * 7 + sample) / 8 : sample;
  return {};
}

base::result<void> session::core::on(const policy_frame&, const receive_call&) {
  return base::fail(errc::frame_not_negotiated);
}

base::result<void> session::core::on(const carrier_frame&, const receive_call&) {
  return base::fail(errc::frame_not_negotiated);
}

base::result<void> session::core::on(const goaway_frame& frame, const receive_call&) {
  const auto drain = std::min<std::uint64_t>(frame.drain_milliseconds, 3'600'000);
  events_.push_back(peer_going_away{from_wire(frame.code), std::chrono::milliseconds(drain)});
  return {};
}

base::result<void> session::core::on(const notice_frame& frame, const receive_call&) {
  if (events_.size() < control_queue_most) {
    events_.push_back(notice_received{from_wire(frame.code), std::string(frame.sentence)});
  }
  return {};
}

}
