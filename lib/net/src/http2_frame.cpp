#include "httvps/net/http2_frame.hpp"

#include <algorithm>
#include <initializer_list>
#include <ranges>

#include "httvps/net/error.hpp"

namespace httvps::net {
namespace {

constexpr std::uint32_t stream_bits = 0x7fff'ffff;
constexpr std::size_t setting_size = 6;
constexpr std::uint32_t priority_size = 5;
constexpr std::uint32_t number_size = 4;
constexpr std::uint32_t ping_size = 8;
constexpr std::uint32_t settings_most = 32 * setting_size;

std::uint32_t number_at(base::byte_view bytes, std::size_t offset, std::size_t size) noexcept {
  std::uint32_t number = 0;
  for (const auto byte : bytes.subspan(offset, size)) {
    number = (number << 8U) | byte;
  }
  return number;
}

void put_number(base::byte_span to, std::uint32_t number) noexcept {
  for (auto& byte : std::views::reverse(to)) {
    byte = static_cast<std::uint8_t>(number);
    number >>= 8U;
  }
}

void append_numbers(base::byte_vector& to, http2_frame_head head,
                    std::initializer_list<std::uint32_t> numbers) {
  base::byte_array<8> payload = {};
  std::size_t size = 0;
  for (const auto number : numbers) {
    put_number(base::byte_span(payload).subspan(size, number_size), number);
    size += number_size;
  }
  append_frame(to, head, base::byte_view(payload).first(size));
}

bool is_settings_size(const http2_frame_head& head) noexcept {
  return head.has(http2_flag::ack)
             ? head.length == 0
             : head.length % setting_size == 0 && head.length <= settings_most;
}

bool has_allowed_size(const http2_frame_head& head) noexcept {
  switch (head.type) {
    case http2_type::priority:
      return head.length == priority_size;
    case http2_type::rst_stream:
    case http2_type::window_update:
      return head.length == number_size;
    case http2_type::settings:
      return is_settings_size(head);
    case http2_type::ping:
      return head.length == ping_size;
    case http2_type::goaway:
      return head.length >= 2 * number_size;
    default:
      return true;
  }
}

bool has_allowed_stream(const http2_frame_head& head) noexcept {
  switch (head.type) {
    case http2_type::data:
    case http2_type::headers:
    case http2_type::priority:
    case http2_type::rst_stream:
    case http2_type::continuation:
      return head.stream != 0;
    case http2_type::settings:
    case http2_type::ping:
    case http2_type::goaway:
      return head.stream == 0;
    default:
      return true;
  }
}

}

base::byte_array<http2_head_size> encode(const http2_frame_head& head) noexcept {
  base::byte_array<http2_head_size> raw = {};
  const base::byte_span place(raw);
  put_number(place.first(3), head.length);
  raw[3] = static_cast<std::uint8_t>(head.type);
  raw[4] = head.flags;
  put_number(place.subspan(5), head.stream);
  return raw;
}

void append_frame(base::byte_vector& to, http2_frame_head head, base::byte_view payload) {
  head.length = static_cast<std::uint32_t>(payload.size());
  base::append(to, encode(head));
  base::append(to, payload);
}

void append_setting(base::byte_vector& payload, std::uint16_t id, std::uint32_t value) {
  base::byte_array<setting_size> raw = {};
  put_number(base::byte_span(raw).first(2), id);
  put_number(base::byte_span(raw).subspan(2), value);
  base::append(payload, raw);
}

void append_window_update(base::byte_vector& to, std::uint32_t stream, std::uint32_t increment) {
  append_numbers(to, {.type = http2_type::window_update, .stream = stream}, {increment});
}

void append_reset(base::byte_vector& to, std::uint32_t stream, http2_code code) {
  append_numbers(to, {.type = http2_type::rst_stream, .stream = stream},
                 {static_cast<std::uint32_t>(code)});
}

void append_goaway(base::byte_vector& to, std::uint32_t last_stream, http2_code code) {
  append_numbers(to, {.type = http2_type::goaway}, {last_stream, static_cast<std::uint32_t>(code)});
}

http2_code code_for(const base::error& failure) noexcept {
  if (failure == errc::http2_flow_violated) {
    return http2_code::flow_control_error;
  }
  if (failure == errc::http2_flood) {
    return http2_code::enhance_your_calm;
  }
  if (failure == errc::http2_frame_size) {
    return http2_code::frame_size_error;
  }
  return failure == errc::http2_headers_malformed ? http2_code::compression_error
                                                  : http2_code::protocol_error;
}

bool http2_frame_reader::collect_head(base::byte_span& input) {
  const auto count = std::min(input.size(), raw_.size() - filled_);
  base::copy_bytes(base::byte_span(raw_).subspan(filled_), input.first(count));
  filled_ = static_cast<std::uint8_t>(filled_ + count);
  input = input.subspan(count);
  if (filled_ < raw_.size()) {
    return false;
  }
  filled_ = 0;
  head_ = {.length = number_at(raw_, 0, 3),
           .type = static_cast<http2_type>(raw_[3]),
           .flags = raw_[4],
           .stream = number_at(raw_, 5, number_size) & stream_bits};
  return true;
}

base::result<std::optional<http2_piece>> http2_frame_reader::next(base::byte_span& input) {
  const bool starts = !inside_;
  if (starts) {
    if (!collect_head(input)) {
      return std::nullopt;
    }
    if (head_.length > longest_ || !has_allowed_size(head_)) {
      return base::fail(errc::http2_frame_size);
    }
    if (!has_allowed_stream(head_)) {
      return base::fail(errc::http2_frame_malformed);
    }
    inside_ = true;
    left_ = head_.length;
  } else if (input.empty()) {
    return std::nullopt;
  }
  const auto count = std::min<std::size_t>(left_, input.size());
  const http2_piece piece = {
      .payload = input.first(count), .starts = starts, .ends = count == left_};
  input = input.subspan(count);
  left_ -= static_cast<std::uint32_t>(count);
  inside_ = !piece.ends;
  return piece;
}

base::result<> http2_body::begin(const http2_frame_head& head) noexcept {
  padding_unknown_ = head.has(http2_flag::padded);
  padding_ = 0;
  skip_ = head.type == http2_type::headers && head.has(http2_flag::priority) ? priority_size : 0;
  left_ = head.length;
  if (left_ < skip_ + (padding_unknown_ ? 1 : 0)) {
    return base::fail(errc::http2_frame_size);
  }
  return {};
}

base::result<base::byte_span> http2_body::strip(base::byte_span piece) noexcept {
  if (padding_unknown_ && !piece.empty()) {
    padding_unknown_ = false;
    padding_ = piece.front();
    piece = piece.subspan(1);
    --left_;
    if (skip_ + padding_ > left_) {
      return base::fail(errc::http2_frame_malformed);
    }
  }
  const auto skipped = std::min<std::size_t>(skip_, piece.size());
  piece = piece.subspan(skipped);
  skip_ -= static_cast<std::uint32_t>(skipped);
  left_ -= static_cast<std::uint32_t>(skipped);
  const auto body = std::min<std::size_t>(piece.size(), left_ - std::min(padding_, left_));
  left_ -= static_cast<std::uint32_t>(piece.size());
  return piece.first(body);
}

base::result<> http2_peer::apply_setting(std::uint16_t id, std::uint32_t value) noexcept {
  if (id == http2_setting::max_frame_size) {
    if (value < http2_default_frame || value > http2_largest_frame) {
      return base::fail(errc::http2_frame_malformed);
    }
    longest_frame = value;
  }
  if (id == http2_setting::initial_window_size) {
    const auto moved = stream_window + value - initial_window;
    if (value > http2_largest_window || moved > http2_largest_window) {
      return base::fail(errc::http2_flow_violated);
    }
    stream_window = moved;
    initial_window = value;
  }
  return {};
}

base::result<> http2_peer::widen(std::uint32_t stream, std::uint32_t increment) noexcept {
  auto& window = stream == 0 ? connection_window : stream_window;
  window += increment;
  if (increment == 0 || window > http2_largest_window) {
    return base::fail(errc::http2_flow_violated);
  }
  return {};
}

base::result<> http2_control_frame::begin(const http2_frame_head& head) noexcept {
  is_settings_ = head.type == http2_type::settings;
  filled_ = 0;
  return {};
}

std::uint32_t http2_control_frame::number(std::size_t offset) const noexcept {
  return number_at(bytes_, offset, number_size);
}

base::result<> http2_control_frame::take(base::byte_view payload, http2_peer& peer) noexcept {
  const auto room = is_settings_ ? setting_size : bytes_.size();
  while (!payload.empty() && filled_ < room) {
    const auto count = std::min(payload.size(), room - filled_);
    base::copy_bytes(base::byte_span(bytes_).subspan(filled_), payload.first(count));
    filled_ = static_cast<std::uint8_t>(filled_ + count);
    payload = payload.subspan(count);
    if (is_settings_ && filled_ == setting_size) {
      filled_ = 0;
      HTTVPS_CHECK(peer.apply_setting(static_cast<std::uint16_t>(number_at(bytes_, 0, 2)),
                                      number_at(bytes_, 2, number_size)));
    }
  }
  return {};
}

}
