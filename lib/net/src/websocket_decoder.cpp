#include <algorithm>

#include "httvps/base/encoding.hpp"
#include "httvps/net/error.hpp"
#include "httvps/net/websocket.hpp"

namespace httvps::net {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t opcode_bits = 0x0f;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_bits = 0x7f;
constexpr std::uint8_t length_16 = 126;
constexpr std::uint8_t length_64 = 127;
constexpr std::size_t mask_size = 4;

bool is_control(std::uint8_t opcode) noexcept {
  return (opcode & 0x08U) != 0;
}

bool is_known(std::uint8_t opcode) noexcept {
  return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xa);
}

std::size_t length_size(std::uint8_t second) noexcept {
  const auto marker = second & length_bits;
  return marker == length_64 ? 8 : marker == length_16 ? 2 : 0;
}

}

std::size_t websocket_decoder::header_size() const noexcept {
  const std::uint8_t second = header_[1];
  return 2 + length_size(second) + ((second & mask_bit) != 0 ? mask_size : 0);
}

base::result<> websocket_decoder::check_first_bytes() const {
  const std::uint8_t first = header_[0];
  const std::uint8_t second = header_[1];
  const std::uint8_t opcode = first & opcode_bits;
  if ((first & reserved_bits) != 0) {
    return base::fail(errc::websocket_reserved_bits);
  }
  if (!is_known(opcode)) {
    return base::fail(errc::websocket_unknown_opcode);
  }
  const bool masked = (second & mask_bit) != 0;
  if (masked != (chosen_.role == websocket_role::server)) {
    return base::fail(masked ? errc::websocket_mask_forbidden : errc::websocket_mask_missing);
  }
  return is_control(opcode) ? check_control() : check_data_order();
}

base::result<> websocket_decoder::check_control() const {
  if ((header_[0] & final_bit) == 0) {
    return base::fail(errc::websocket_control_fragmented);
  }
  if ((header_[1] & length_bits) > websocket_control_limit) {
    return base::fail(errc::websocket_control_too_long);
  }
  return {};
}

base::result<> websocket_decoder::check_data_order() const {
  const auto opcode = static_cast<websocket_opcode>(header_[0] & opcode_bits);
  if (opcode == websocket_opcode::text) {
    return base::fail(errc::websocket_text_refused);
  }
  if (in_message_ != (opcode == websocket_opcode::continuation)) {
    return base::fail(in_message_ ? errc::websocket_continuation_missing
                                  : errc::websocket_continuation_unexpected);
  }
  return {};
}

std::uint64_t websocket_decoder::parse_length() const noexcept {
  const std::uint8_t second = header_[1];
  const auto size = length_size(second);
  if (size == 0) {
    return second & length_bits;
  }
  std::uint64_t length = 0;
  for (std::size_t index = 0; index < size; ++index) {
    length = (length << 8U) | header_[2 + index];
  }
  return length;
}

base::result<> websocket_decoder::check_length(std::uint64_t length) const {
  const auto size = length_size(header_[1]);
  if ((size == 2 && length < length_16) || (size == 8 && length <= 0xffff)) {
    return base::fail(errc::websocket_length_not_minimal);
  }
  const auto before = in_message_ ? message_size_ : 0;
  if (length > chosen_.message_limit || before > chosen_.message_limit - length) {
    return base::fail(errc::websocket_message_too_large);
  }
  return {};
}

base::result<bool> websocket_decoder::collect_header(base::byte_span& input) {
  while (!input.empty()) {
    header_[header_filled_++] = input.front();
    input = input.subspan(1);
    if (header_filled_ == 2) {
      HTTVPS_CHECK(check_first_bytes());
    }
    if (header_filled_ >= 2 && header_filled_ == header_size()) {
      header_filled_ = 0;
      return true;
    }
  }
  return false;
}

base::result<> websocket_decoder::begin_frame() {
  const auto length = parse_length();
  const std::uint8_t opcode = header_[0] & opcode_bits;
  frame_ = {.opcode = static_cast<websocket_opcode>(opcode),
            .is_final = (header_[0] & final_bit) != 0,
            .is_masked = (header_[1] & mask_bit) != 0,
            .remaining = length};
  if (frame_.is_masked) {
    std::copy_n(header_.begin() + 2 + static_cast<std::ptrdiff_t>(length_size(header_[1])),
                mask_size, frame_.mask.begin());
  }
  if (is_control(opcode)) {
    control_filled_ = 0;
    stage_ = stage::control;
    return {};
  }
  HTTVPS_CHECK(check_length(length));
  message_size_ = (in_message_ ? message_size_ : 0) + length;
  in_message_ = true;
  stage_ = stage::payload;
  return {};
}

base::byte_span websocket_decoder::unmasked(base::byte_span& input) {
  const auto count =
      static_cast<std::size_t>(std::min<std::uint64_t>(frame_.remaining, input.size()));
  const auto piece = input.first(count);
  if (frame_.is_masked) {
    apply_mask(piece, frame_.mask, frame_.phase);
    frame_.phase = (frame_.phase + count) & 3U;
  }
  frame_.remaining -= count;
  input = input.subspan(count);
  return piece;
}

websocket_event websocket_decoder::take_payload(base::byte_span& input) {
  if (frame_.remaining > 0) {
    const auto piece = unmasked(input);
    if (frame_.remaining > 0 || piece.empty()) {
      return {
          .kind = piece.empty() ? websocket_event_kind::need_more : websocket_event_kind::payload,
          .payload = piece};
    }
    return {.kind = websocket_event_kind::payload, .payload = piece};
  }
  stage_ = stage::header;
  if (!frame_.is_final) {
    return {};
  }
  in_message_ = false;
  return {.kind = websocket_event_kind::message_end};
}

base::result<websocket_event> websocket_decoder::take_control(base::byte_span& input) {
  const auto piece = unmasked(input);
  base::copy_bytes(base::byte_span(control_).subspan(control_filled_), piece);
  control_filled_ = static_cast<std::uint8_t>(control_filled_ + piece.size());
  if (frame_.remaining > 0) {
    return websocket_event{};
  }
  stage_ = stage::header;
  return finish_control();
}

base::result<websocket_event> websocket_decoder::finish_control() {
  const auto payload = base::byte_view(control_).first(control_filled_);
  if (frame_.opcode == websocket_opcode::ping) {
    return websocket_event{.kind = websocket_event_kind::ping, .payload = payload};
  }
  if (frame_.opcode == websocket_opcode::pong) {
    return websocket_event{.kind = websocket_event_kind::pong, .payload = payload};
  }
  stage_ = stage::closed;
  if (payload.empty()) {
    return websocket_event{.kind = websocket_event_kind::close};
  }
  if (payload.size() < 2) {
    return base::fail(errc::websocket_close_malformed);
  }
  const auto code = static_cast<std::uint16_t>((payload[0] << 8U) | payload[1]);
  const auto reason = payload.subspan(2);
  if (!is_valid_close_code(code) || !base::is_valid_utf8(base::as_text(reason))) {
    return base::fail(errc::websocket_close_malformed);
  }
  return websocket_event{
      .kind = websocket_event_kind::close, .payload = reason, .close_code = code};
}

base::result<websocket_event> websocket_decoder::next(base::byte_span& input) {
  while (true) {
    if (stage_ == stage::closed) {
      input = {};
      return websocket_event{};
    }
    if (stage_ == stage::header) {
      HTTVPS_TRY(const bool complete, collect_header(input));
      if (!complete) {
        return websocket_event{};
      }
      HTTVPS_CHECK(begin_frame());
    }
    if (stage_ == stage::control) {
      return take_control(input);
    }
    const auto event = take_payload(input);
    if (event.kind != websocket_event_kind::need_more || stage_ == stage::payload) {
      return event;
    }
  }
}

}
