#include "acknowledger.hpp"

#include <algorithm>

#include "httvps/wire/limits.hpp"
#include "httvps/wire/varint.hpp"

namespace httvps::wire {
namespace {

constexpr std::size_t entries_a_frame = 512;
constexpr std::size_t entry_size_most = 2 * varint_size_most;
constexpr std::size_t frame_overhead_most = 2 * varint_size_most;

std::size_t entries_that_fit(std::size_t room, std::size_t wanted) {
  const std::size_t body = room > frame_overhead_most ? room - frame_overhead_most : 0;
  return std::min({wanted, entries_a_frame, body / entry_size_most});
}

}

void acknowledger::set_due(base::steady_time when) {
  if (!due_ || when < *due_) {
    due_ = when;
  }
}

void acknowledger::put_ack(stream& from) {
  if (from.ack_round == ack_round_) {
    acks_[from.ack_slot].offset = from.receiving.acknowledgement();
    return;
  }
  from.ack_round = ack_round_;
  from.ack_slot = acks_.size();
  acks_.push_back({from.id, from.receiving.acknowledgement()});
}

void acknowledger::put_window(stream& from) {
  if (from.window_round != window_round_ && !from.receiving.end_state()) {
    from.window_round = window_round_;
    windows_.push_back({from.id, from.receiving.limit()});
  }
}

void acknowledger::note_received(stream& from, byte_count bytes, base::steady_time now) {
  put_ack(from);
  from.received_at = now;
  received_ += bytes;
  set_due(now + acknowledge_delay);
}

void acknowledger::note_credited(base::steady_time now) {
  credited_ = true;
  set_due(now + urgent_acknowledge_delay);
}

void acknowledger::note_consumed(stream& from, byte_count bytes, base::steady_time now) {
  consumed_ += bytes;
  from.received_at = now;
  set_due(now + acknowledge_delay);
  if (from.receiving.end_state()) {
    return;
  }
  put_window(from);
  forced_ = forced_ || from.receiving.unannounced() >= from.receiving.window() / 2;
}

void acknowledger::repeat(stream& from, base::steady_time now) {
  put_ack(from);
  put_window(from);
  set_due(now);
}

bool acknowledger::due(base::steady_time now, byte_count session_window) const noexcept {
  if (!due_) {
    return false;
  }
  const byte_count much = session_window / 8;
  return forced_ || *due_ <= now || received_ >= much || consumed_ >= much ||
         acks_.size() >= acknowledgements_most;
}

bool acknowledger::write_acks(frame_writer& out) {
  while (!acks_.empty()) {
    const auto count = entries_that_fit(out.room(), acks_.size());
    const auto first = acks_.size() - count;
    if (count == 0 || !out.put_acks(std::span(acks_).subspan(first))) {
      return false;
    }
    acks_.resize(first);
    ++ack_round_;
  }
  return true;
}

bool acknowledger::write_windows(frame_writer& out, byte_count session_limit) {
  bool needed = !windows_.empty() || consumed_ > 0 || credited_;
  while (needed) {
    const auto count = entries_that_fit(out.room(), windows_.size());
    const auto first = windows_.size() - count;
    const bool stuck = count == 0 && !windows_.empty();
    if (stuck || !out.put(window_frame{.session_limit = session_limit, .streams = {}},
                          std::span<const stream_offset>(windows_).subspan(first))) {
      return false;
    }
    windows_.resize(first);
    ++window_round_;
    needed = !windows_.empty();
  }
  return true;
}

bool acknowledger::write(frame_writer& out, byte_count session_limit) {
  if (!write_acks(out) || !write_windows(out, session_limit)) {
    return false;
  }
  received_ = consumed_ = 0;
  due_.reset();
  forced_ = credited_ = false;
  return true;
}

}
