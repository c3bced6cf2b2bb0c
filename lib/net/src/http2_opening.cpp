#include "httvps/net/http2_opening.hpp"

#include <algorithm>
#include <utility>

#include "httvps/net/error.hpp"

namespace httvps::net {

http2_opening::http2_opening() : frames_(http2_largest_frame), headers_({}) {}

http2_opening_step http2_opening::next(base::byte_span& input) {
  const auto before = input;
  if (stage_ == http2_opening_stage::reading) {
    stage_ = advance(input);
  } else {
    input = {};
  }
  const auto passed = before.first(before.size() - input.size());
  bytes_ += passed.size();
  if (stage_ == http2_opening_stage::reading && bytes_ > http2_opening_bytes) {
    stage_ = http2_opening_stage::given_up;
  }
  return {.stage = stage_, .passed = passed};
}

http2_opening_stage http2_opening::match_preface(base::byte_span& input) {
  const auto wanted = base::as_bytes(http2_preface).subspan(preface_seen_);
  const auto count = std::min(wanted.size(), input.size());
  if (!std::ranges::equal(input.first(count), wanted.first(count))) {
    return http2_opening_stage::given_up;
  }
  preface_seen_ += count;
  input = input.subspan(count);
  return http2_opening_stage::reading;
}

http2_opening_stage http2_opening::advance(base::byte_span& input) {
  if (preface_seen_ < http2_preface.size()) {
    return match_preface(input);
  }
  const auto piece = frames_.next(input);
  if (!piece) {
    return http2_opening_stage::given_up;
  }
  return *piece ? take(**piece).value_or(http2_opening_stage::given_up) : stage_;
}

base::result<http2_opening_stage> http2_opening::take(const http2_piece& piece) {
  const auto& head = frames_.head();
  const bool is_first = piece.starts && frames_seen_++ == 0;
  if (frames_seen_ > http2_opening_frames || (is_first && head.type != http2_type::settings)) {
    return base::fail(errc::http2_flood);
  }
  const bool of_headers = head.type == http2_type::headers || head.type == http2_type::continuation;
  if (!of_headers) {
    HTTVPS_CHECK(take_control(piece));
    return http2_opening_stage::reading;
  }
  HTTVPS_TRY(const auto progress, headers_.take(head, piece));
  return progress == http2_header_reader::progress::complete ? http2_opening_stage::offered
                                                             : http2_opening_stage::reading;
}

base::result<> http2_opening::take_control(const http2_piece& piece) {
  const auto& head = frames_.head();
  if (headers_.is_open() || head.type == http2_type::data ||
      head.type == http2_type::push_promise || head.type == http2_type::rst_stream ||
      head.type == http2_type::goaway) {
    return base::fail(errc::http2_frame_malformed);
  }
  if (piece.starts) {
    HTTVPS_CHECK(control_.begin(head));
  }
  HTTVPS_CHECK(control_.take(piece.payload, peer_));
  if (piece.ends && head.type == http2_type::window_update && head.stream == 0) {
    return peer_.widen(0, control_.number(0) & 0x7fff'ffffU);
  }
  return {};
}

http2_offer http2_opening::take_offer() {
  return {.fields = headers_.take_fields(), .stream = headers_.stream(), .peer = peer_};
}

}
