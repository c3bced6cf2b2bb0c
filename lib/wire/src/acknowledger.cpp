#include "acknowledger.hpp"

#include <algorithm>

#include "httvps/wire/limits.hpp"

namespace httvps::wire {

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

void acknowledger::note_received(stream& from, byte_count bytes, base::steady_time now) {
  put_ack(from);
  received_ += bytes;
  set_due(now + acknowledge_delay);
}

void acknowledger::note_ended(stream_id stream, byte_count acknowledgement, base::steady_time now) {
  acks_.push_back({stream, acknowledgement});
  set_due(now + acknowledge_delay);
}

void acknowledger::note_credited(base::steady_time now) {
  credited_ = true;
  set_due(now + urgent_acknowledge_delay);
}

void acknowledger::note_consumed(stream& from, byte_count bytes, base::steady_time now) {
  consumed_ += bytes;
  set_due(now + acknowledge_delay);
  if (from.receiving.end_state()) {
    return;
  }
  if (from.window_round != window_round_) {
    from.window_round = window_round_;
    windows_.push_back({from.id, from.receiving.limit()});
  }
  forced_ = forced_ || from.receiving.unannounced() >= from.receiving.window() / 2;
}

bool acknowledger::due(base::steady_time now, byte_count session_window) const noexcept {
  if (!due_) {
    return false;
  }
  const byte_count much = session_window / 8;
  return forced_ || *due_ <= now || received_ >= much || consumed_ >= much ||
         acks_.size() >= acknowledgements_most;
}

bool acknowledger::write(frame_writer& out, byte_count session_limit) {
  constexpr std::size_t most = 512;
  while (!acks_.empty()) {
    const auto count = std::min(acks_.size(), most);
    const auto first = acks_.size() - count;
    if (!out.put_acks(std::span(acks_).subspan(first))) {
      return false;
    }
    acks_.resize(first);
    ++ack_round_;
  }
  const bool window_needed = !windows_.empty() || consumed_ > 0 || credited_;
  while (window_needed) {
    const auto count = std::min(windows_.size(), most);
    const auto first = windows_.size() - count;
    if (!out.put(window_frame{.session_limit = session_limit, .streams = {}},
                 std::span<const stream_offset>(windows_).subspan(first))) {
      return false;
    }
    windows_.resize(first);
    ++window_round_;
    if (windows_.empty()) {
      break;
    }
  }
  received_ = consumed_ = 0;
  due_.reset();
  forced_ = credited_ = false;
  return true;
}

}
