#include <algorithm>

#include "httvps/wire/frame_encoder.hpp"
#include "session_core.hpp"

namespace httvps::wire {

base::result<void> session::core::on(const pad_frame&, const receive_call&) {
  return {};
}

base::result<void> session::core::on(const challenge_frame&, const receive_call&) {
  return base::fail(errc::frame_not_negotiated);
}

base::result<void> session::core::on(const window_frame& frame, const receive_call&) {
  peer_session_limit_ = std::max(peer_session_limit_, frame.session_limit);
  for (const auto& [id, limit] : frame.streams) {
    HTTVPS_TRY(auto* each, expect(id));
    if (each != nullptr && each->sending.raise_limit(limit)) {
      stand_in_line(*each);
    }
  }
  return {};
}

base::result<void> session::core::apply_ack(const stream_offset& entry, base::steady_time now) {
  HTTVPS_TRY(auto* each, expect(entry.stream));
  if (each == nullptr) {
    return {};
  }
  HTTVPS_TRY(const auto freed, each->sending.acknowledge(entry.offset));
  unacknowledged_ -= freed;
  if (freed > 0) {
    each->last_progress = now;
    note_progress(each->carrier, now);
  }
  if (each->open_state == stream::opening::sent) {
    each->open_state = stream::opening::confirmed;
    each->where = {};
  }
  settle(*each);
  return {};
}

base::result<void> session::core::on(const ack_frame& frame, const receive_call& call) {
  for (const auto& entry : frame.streams) {
    if (asks_for_freed_bytes(entry, call.carrier)) {
      kill(*find(entry.stream), errc::resume_gap, call.now);
    } else {
      HTTVPS_CHECK(apply_ack(entry, call.now));
    }
  }
  return {};
}

bool session::core::asks_for_freed_bytes(const stream_offset& entry,
                                         const carrier_state& carrier) const noexcept {
  const auto* each = find(entry.stream);
  const bool newest_state = carrier.alone_since_attached && carrier.round_trip.has_value();
  return newest_state && each != nullptr && entry.offset < each->sending.acknowledged();
}

base::result<void> session::core::on(const goaway_frame& frame, const receive_call&) {
  const auto drain = std::min<std::uint64_t>(frame.drain_milliseconds, 3'600'000);
  HTTVPS_TRY(const auto names, split_gateway_names(frame.gateways));
  peer_farewell_ = peer_going_away{.code = from_wire(frame.code),
                                   .drain = std::chrono::milliseconds(drain),
                                   .gateways = {names.begin(), names.end()}};
  if (drain == 0) {
    end(from_wire(frame.code));
    farewell_.reset();
  }
  return {};
}

base::result<void> session::core::on(const notice_frame& frame, const receive_call&) {
  if (events_.size() < control_queue_most) {
    events_.push_back(notice_received{from_wire(frame.code), std::string(frame.sentence)});
  }
  return {};
}

}
