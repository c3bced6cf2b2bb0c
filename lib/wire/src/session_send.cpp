#include <algorithm>

#include "session_core.hpp"

namespace httvps::wire {
namespace {

constexpr std::size_t smallest_data_turn = 1024;
constexpr byte_count least_paced_turn = 2048;
constexpr byte_count first_flight = 16 * base::kibibyte;
constexpr byte_count whole_turns_after = 512 * base::kibibyte;
constexpr std::size_t open_payload_most = 16000;

}

bool session::core::has_output(carrier_number number, base::steady_time now) const {
  const auto* carrier = find_carrier(number);
  if (carrier == nullptr) {
    return false;
  }
  const bool speaks = speaker() == carrier;
  if (!carrier->greeted ||
      (speaks && (!notices_.empty() || policy_due() || (farewell_ && !farewell_sent_)))) {
    return true;
  }
  if (ended_) {
    return false;
  }
  if (!carrier->pongs.empty() || (carrier->retiring && !carrier->last_word_sent)) {
    return true;
  }
  const bool acknowledgement_due = acknowledger_.due(now, session_window_);
  const bool ping_may_go = !acknowledgement_due || acknowledges(*carrier);
  return !carrier->ready.empty() || datagrams_.front(number) != nullptr ||
         (ping_may_go && ping_due(*carrier, now)) ||
         (speaks && (!gone_.empty() || !reports_.empty() || acknowledgement_due));
}

bool session::core::acknowledges(const carrier_state& carrier) const noexcept {
  return speaker() == &carrier || (carrier.usable() && reports_.empty());
}

std::size_t session::core::produce(carrier_number number, byte_span out, base::steady_time now) {
  auto* carrier = find_carrier(number);
  if (carrier == nullptr) {
    return 0;
  }
  now_ = now;
  frame_writer writer(out);
  if (!carrier->greeted) {
    write_greeting(*carrier, writer, now);
    carrier->greeted_at = now;
    if (!carrier->greeted || options_.role == role::gateway) {
      count_framing(*carrier, writer.written());
      return writer.written();
    }
  }
  write_control(*carrier, writer, now);
  const auto payload_before = counters_.payload_sent;
  if (carrier->retiring) {
    write_last_word(*carrier, writer);
  } else {
    write_datagrams(*carrier, writer);
    write_streams(*carrier, writer);
  }
  count_framing(*carrier, writer.written() - (counters_.payload_sent - payload_before));
  carrier->produced += counters_.payload_sent - payload_before;
  return writer.written();
}

void session::core::count_framing(carrier_state& carrier, byte_count bytes) noexcept {
  carrier.produced += bytes;
  counters_.framing_sent += bytes;
}

void session::core::count_payload(carrier_state& carrier, stream& each, byte_range range) {
  const auto sent = each.sending.sent();
  carrier.repeated += std::min(range.to, sent) - std::min(range.from, sent);
  if (carrier.number > each.latest_carrier) {
    each.latest_carrier = carrier.number;
    ++each.carriers_used;
  }
  each.sending.mark_sent(range, carrier.number);
  counters_.payload_sent += range.size();
}

void session::core::write_control(carrier_state& carrier, frame_writer& out,
                                  base::steady_time now) {
  while (!carrier.pongs.empty() && out.put(carrier.pongs.front())) {
    carrier.pongs.pop_front();
  }
  if (carrier.last_word_sent) {
    return;
  }
  const bool speaks = speaker() == &carrier;
  if (acknowledges(carrier)) {
    write_acknowledgements(carrier, out, now);
  }
  if (speaks) {
    write_reports(out);
    gone_.write(out);
    write_policy(carrier, out, now);
    while (!notices_.empty() &&
           out.put(notice_frame{to_wire(notices_.front().code), notices_.front().sentence})) {
      notices_.pop_front();
    }
    write_farewell(out);
  }
  write_ping(carrier, out, now);
}

void session::core::write_farewell(frame_writer& out) {
  if (!farewell_ || farewell_sent_) {
    return;
  }
  const goaway_frame goaway{
      .code = to_wire(farewell_->code),
      .last_accepted = seen_.highest(),
      .drain_milliseconds = static_cast<std::uint64_t>(farewell_->drain.count())};
  const std::vector<std::string_view> names(farewell_->gateways.begin(), farewell_->gateways.end());
  farewell_sent_ = out.put(goaway, names);
}

void session::core::write_acknowledgements(carrier_state& carrier, frame_writer& out,
                                           base::steady_time now) {
  const bool with_data =
      std::ranges::any_of(carriers_, [](const auto& each) { return !each->ready.empty(); });
  if (ended_ || !acknowledger_.pending()) {
    return;
  }
  if (!with_data && reports_.empty() && !acknowledger_.due(now, session_window_)) {
    return;
  }
  announce_windows(now);
  carrier.traffic_since_probe = true;
  acknowledger_.write(out, session_granted_);
}

void session::core::write_streams(carrier_state& carrier, frame_writer& out) {
  while (!carrier.ready.empty()) {
    auto* each = find(carrier.ready.front());
    if (each == nullptr || each->carrier != carrier.number) {
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
  if (next_bytes(each, carrier, 1)) {
    return write_data(carrier, each, out);
  }
  return !each.sending.ending_due() || write_ending(carrier, each, out);
}

bool session::core::write_open(carrier_state& carrier, stream& each, frame_writer& out) {
  const auto overhead = open_overhead(each.id, each.where);
  if (out.room() < overhead) {
    return false;
  }
  const auto room = std::min({out.room() - overhead, open_payload_most, turn_size(carrier)});
  const auto range = each.sending.next_range(room).value_or(byte_range{});
  const auto payload = range.from == 0 ? range : byte_range{};
  const auto space =
      out.reserve_open(each.id, each.where, static_cast<std::size_t>(payload.size()));
  if (!space.empty()) {
    each.sending.copy_out(payload, space);
    count_payload(carrier, each, payload);
  }
  each.open_state = stream::opening::sent;
  each.open_carrier = carrier.number;
  expect_answer(carrier);
  note_if_dry(each);
  return true;
}

void session::core::note_if_dry(stream& each) {
  if (!each.sending.next_range(1)) {
    line_.note_dry(each);
  }
}

bool session::core::write_data(carrier_state& carrier, stream& each, frame_writer& out) {
  const auto wanted = *next_bytes(each, carrier, turn_size(carrier));
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
  count_payload(carrier, each, range);
  carrier.traffic_since_probe = true;
  expect_answer(carrier);
  note_if_dry(each);
  return true;
}

resend session::core::resend_on(const carrier_state& carrier) const noexcept {
  return established_ && !carrier.heard_greeting ? resend::held : resend::allowed;
}

bool session::core::awaits_report(const stream& each) const noexcept {
  return std::ranges::any_of(lost_, [&](const lost_carrier& lost) {
    return lost.settle_at.has_value() && each.sending.unanswered_on(lost.number) > 0;
  });
}

std::optional<byte_range> session::core::next_bytes(const stream& each,
                                                    const carrier_state& carrier,
                                                    std::size_t most) const noexcept {
  return awaits_report(each) ? std::nullopt : each.sending.next_range(most, resend_on(carrier));
}

void session::core::set_pace(carrier_number carrier, byte_count ten_milliseconds) noexcept {
  if (auto* found = find_carrier(carrier)) {
    found->pace = ten_milliseconds;
  }
}

std::size_t session::core::turn_size(const carrier_state& carrier) const noexcept {
  const auto sharers = carrier.ready.size() + 1;
  const auto since = carrier.produced - carrier.small_turns_from;
  byte_count turn = data_payload_most;
  if (carrier.pace > 0) {
    turn = std::clamp<byte_count>(carrier.pace / sharers, least_paced_turn, turn);
  }
  if (since < whole_turns_after) {
    turn = std::clamp<byte_count>((first_flight + since) / sharers, smallest_data_turn, turn);
  }
  return static_cast<std::size_t>(turn);
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
