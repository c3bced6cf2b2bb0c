#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {
namespace {

constexpr std::size_t smallest_data_turn = 1024;
constexpr std::size_t open_payload_most = 16000;

}

bool session::core::ping_due(const carrier_state& carrier, base::steady_time now) const noexcept {
  if (outstanding_ping_ || !carrier.heard_greeting) {
    return false;
  }
  const bool keepalive = options_.role == role::client && now >= carrier.keepalive_at;
  return keepalive || (traffic_since_probe_ && now >= next_probe_);
}

bool session::core::has_output(carrier_number number, base::steady_time now) const {
  const auto* carrier = find_carrier(number);
  if (carrier == nullptr) {
    return false;
  }
  return !carrier->greeted || !carrier->pongs.empty() || !carrier->ready.empty() ||
         !gone_.empty() || !notices_.empty() || (farewell_ && !farewell_sent_) ||
         ping_due(*carrier, now) || acknowledger_.due(now, session_window_);
}

std::size_t session::core::produce(carrier_number number, byte_span out, base::steady_time now) {
  auto* carrier = find_carrier(number);
  if (carrier == nullptr) {
    return 0;
  }
  frame_writer writer(out);
  if (!carrier->greeted) {
    write_greeting(*carrier, writer);
  }
  if (!carrier->greeted) {
    return writer.written();
  }
  write_control(*carrier, writer, now);
  const auto payload_before = counters_.payload_sent;
  write_streams(*carrier, writer);
  counters_.framing_sent += writer.written() - (counters_.payload_sent - payload_before);
  return writer.written();
}

std::vector<receive_state> session::core::receive_states() const {
  std::vector<receive_state> states;
  for (const auto& [id, each] : streams_) {
    if (states.size() == entries_most) {
      break;
    }
    if (each.receiving.highest() > 0 || each.receiving.end_state()) {
      states.push_back({id, each.receiving.acknowledgement(), each.receiving.limit()});
    }
  }
  return states;
}

void session::core::write_greeting(carrier_state& carrier, frame_writer& out) {
  const auto states = receive_states();
  if (options_.role == role::client) {
    const hello_frame hello{
        .version = protocol_version,
        .capabilities = 0,
        .session = options_.id,
        .carrier = carrier.number,
        .may_create = established_ ? creation::forbidden : creation::permitted,
        .epoch = options_.epoch,
        .session_limit = session_granted_,
    };
    carrier.greeted = out.put(hello, states);
    return;
  }
  const auto kept = std::chrono::duration_cast<std::chrono::seconds>(options_.limits.detached_for);
  const welcome_frame welcome{
      .version = protocol_version,
      .capabilities = 0,
      .epoch = options_.epoch,
      .detached_seconds = static_cast<std::uint64_t>(kept.count()),
      .session_limit = session_granted_,
      .direct_host = options_.direct_host,
  };
  carrier.greeted = out.put(welcome, states);
}

void session::core::write_control(carrier_state& carrier, frame_writer& out,
                                  base::steady_time now) {
  while (!carrier.pongs.empty() && out.put(carrier.pongs.front())) {
    carrier.pongs.pop_front();
  }
  write_acknowledgements(out, now);
  while (!gone_.empty() &&
         out.put(reset_frame{.stream = gone_.back(), .code = to_wire(errc::closed)})) {
    gone_.pop_back();
  }
  while (!notices_.empty() &&
         out.put(notice_frame{to_wire(notices_.front().code), notices_.front().sentence})) {
    notices_.pop_front();
  }
  if (farewell_) {
    const goaway_frame goaway{
        .code = to_wire(farewell_->code),
        .last_accepted = seen_.highest(),
        .drain_milliseconds = static_cast<std::uint64_t>(farewell_->drain.count())};
    if (!farewell_sent_ && out.put(goaway, {})) {
      farewell_sent_ = true;
    }
  }
  write_ping(carrier, out, now);
}

void session::core::write_acknowledgements(frame_writer& out, base::steady_time now) {
  const bool with_data =
      std::ranges::any_of(carriers_, [](const auto& carrier) { return !carrier->ready.empty(); });
  if (ended_ || !acknowledger_.pending()) {
    return;
  }
  if (!with_data && !acknowledger_.due(now, session_window_)) {
    return;
  }
  announce_windows(now);
  acknowledger_.write(out, session_granted_);
}

void session::core::announce_windows(base::steady_time now) {
  for (auto& entry : acknowledger_.windows()) {
    if (auto* each = find(entry.stream)) {
      widen_windows(*each, now);
      entry.offset = each->receiving.announce();
    }
  }
  const auto elapsed = now - last_session_announcement_;
  const byte_count drained = session_consumed_ - announced_session_consumed_;
  const bool fast =
      round_trip_ && drained * 2 * static_cast<std::uint64_t>(round_trip_->count()) >=
                         session_window_ / 2 * static_cast<std::uint64_t>(elapsed.count());
  if (fast && !pool_.under_pressure()) {
    session_window_ = std::min(session_window_ * 2, options_.limits.largest_session_window);
  }
  last_session_announcement_ = now;
  announced_session_consumed_ = session_consumed_;
  session_granted_ = std::max(session_granted_, session_consumed_ + session_window_);
}

void session::core::widen_windows(stream& each, base::steady_time now) {
  const auto elapsed = now - each.last_announcement;
  const byte_count drained = each.receiving.consumed() - each.announced_at;
  each.last_announcement = now;
  each.announced_at = each.receiving.consumed();
  if (!round_trip_ || pool_.under_pressure()) {
    return;
  }
  const byte_count window = each.receiving.window();
  const bool fast = drained * 2 * static_cast<std::uint64_t>(round_trip_->count()) >=
                    window / 2 * static_cast<std::uint64_t>(elapsed.count());
  const byte_count most = std::min(options_.limits.largest_stream_window, session_window_ / 2);
  if (fast && window * 2 <= most) {
    each.receiving.widen(window * 2);
  }
}

void session::core::write_ping(carrier_state& carrier, frame_writer& out, base::steady_time now) {
  if (!ping_due(carrier, now)) {
    return;
  }
  const ping_frame ping{random_.take<8>()};
  if (!out.put(ping)) {
    return;
  }
  outstanding_ping_ = ping;
  ping_sent_at_ = now;
  next_probe_ = now + round_trip_probe_interval;
  traffic_since_probe_ = false;
  schedule_keepalive(carrier, now);
}

void session::core::write_streams(carrier_state& carrier, frame_writer& out) {
  while (!carrier.ready.empty()) {
    auto* each = find(carrier.ready.front());
    if (each == nullptr) {
      carrier.ready.pop_front();
      continue;
    }
    if (!write_turn(carrier, *each, out)) {
      return;
    }
    carrier.ready.pop_front();
    each->queued = false;
    mark_ready(*each);
  }
}

bool session::core::write_turn(carrier_state& carrier, stream& each, frame_writer& out) {
  if (each.open_state == stream::opening::unsent) {
    return write_open(carrier, each, out);
  }
  if (each.stop_due) {
    if (!out.put(stop_frame{each.id, to_wire(each.stop_code)})) {
      return false;
    }
    each.stop_due = false;
    each.stop_sent = true;
  }
  if (each.sending.next_range(1)) {
    return write_data(carrier, each, out);
  }
  return !each.sending.ending_due() || write_ending(carrier, each, out);
}

bool session::core::write_open(carrier_state& carrier, stream& each, frame_writer& out) {
  const auto range = each.sending.next_range(open_payload_most).value_or(byte_range{});
  const auto payload = range.from == 0 ? range : byte_range{};
  const auto before = out.written();
  const auto space =
      out.reserve_open(each.id, each.where, static_cast<std::size_t>(payload.size()));
  if (out.written() == before) {
    return false;
  }
  if (!space.empty()) {
    each.sending.copy_out(payload, space);
    each.sending.mark_sent(payload, carrier.number);
    counters_.payload_sent += payload.size();
  }
  each.open_state = stream::opening::sent;
  each.open_carrier = carrier.number;
  return true;
}

bool session::core::write_data(carrier_state& carrier, stream& each, frame_writer& out) {
  const auto wanted = *each.sending.next_range(data_payload_most);
  const auto overhead = data_overhead(each.id, wanted.from, data_payload_most);
  const std::size_t room = out.room() > overhead ? out.room() - overhead : 0;
  if (room < std::min<byte_count>(wanted.size(), smallest_data_turn)) {
    return false;
  }
  const byte_range range{wanted.from, wanted.from + std::min<byte_count>(wanted.size(), room)};
  const auto space = out.reserve_data(each.id, range.from, static_cast<std::size_t>(range.size()));
  if (space.empty()) {
    return false;
  }
  each.sending.copy_out(range, space);
  each.sending.mark_sent(range, carrier.number);
  counters_.payload_sent += range.size();
  traffic_since_probe_ = true;
  return true;
}

bool session::core::write_ending(carrier_state& carrier, stream& each, frame_writer& out) {
  const auto& ending = *each.sending.end_state();
  const bool written =
      ending.code
          ? out.put(reset_frame{each.id, to_wire(*ending.code), ending.when, ending.final_offset})
          : out.put(fin_frame{each.id, ending.final_offset});
  if (written) {
    each.sending.mark_ending_sent(carrier.number);
  }
  return written;
}

}
