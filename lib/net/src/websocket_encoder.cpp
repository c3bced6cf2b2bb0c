#include <openssl/evp.h>

#include <algorithm>

#include "httvps/base/encoding.hpp"
#include "httvps/net/error.hpp"
#include "httvps/net/websocket.hpp"

namespace httvps::net {
namespace {

constexpr std::uint8_t final_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint64_t short_limit = 125;
constexpr std::uint64_t medium_limit = 0xffff;

constexpr std::uint16_t close_protocol_error = 1002;
constexpr std::uint16_t close_unsupported_data = 1003;
constexpr std::uint16_t close_message_too_big = 1009;
constexpr std::uint16_t close_normal = 1000;

void put_big_endian(websocket_header& header, std::uint64_t value, std::size_t size) noexcept {
  for (std::size_t index = 0; index < size; ++index) {
    const auto shift = 8 * (size - 1 - index);
    header.bytes[header.size++] = static_cast<std::uint8_t>(value >> shift);
  }
}

}

websocket_header encode_header(const websocket_frame_head& head) noexcept {
  websocket_header header;
  const std::uint8_t masked = head.mask == nullptr ? 0 : mask_bit;
  header.bytes[header.size++] =
      static_cast<std::uint8_t>(final_bit | static_cast<std::uint8_t>(head.opcode));
  if (head.length <= short_limit) {
    header.bytes[header.size++] = static_cast<std::uint8_t>(masked | head.length);
  } else if (head.length <= medium_limit) {
    header.bytes[header.size++] = static_cast<std::uint8_t>(masked | 126U);
    put_big_endian(header, head.length, 2);
  } else {
    header.bytes[header.size++] = static_cast<std::uint8_t>(masked | 127U);
    put_big_endian(header, head.length, 8);
  }
  if (head.mask != nullptr) {
    base::copy_bytes(base::byte_span(header.bytes).subspan(header.size), *head.mask);
    header.size += head.mask->size();
  }
  return header;
}

websocket_control_frame encode_control(const websocket_control_content& content) noexcept {
  const auto payload =
      content.payload.first(std::min(content.payload.size(), websocket_control_limit));
  const auto header =
      encode_header({.opcode = content.opcode, .length = payload.size(), .mask = content.mask});
  websocket_control_frame frame;
  base::copy_bytes(frame.bytes, header.view());
  frame.size = header.size + payload.size();
  const auto place = base::byte_span(frame.bytes).subspan(header.size, payload.size());
  if (content.mask == nullptr) {
    base::copy_bytes(place, payload);
  } else {
    copy_masked(place, payload, *content.mask);
  }
  return frame;
}

base::byte_array<2> encode_close_code(std::uint16_t code) noexcept {
  return {static_cast<std::uint8_t>(code >> 8U), static_cast<std::uint8_t>(code & 0xffU)};
}

bool is_valid_close_code(std::uint16_t code) noexcept {
  const bool registered =
      code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
  return registered || (code >= 3000 && code <= 4999);
}

std::uint16_t close_code_for(const base::error& failure) noexcept {
  if (!failure) {
    return close_normal;
  }
  if (failure == errc::websocket_message_too_large) {
    return close_message_too_big;
  }
  return failure == errc::websocket_text_refused ? close_unsupported_data : close_protocol_error;
}

std::string make_websocket_key(base::random_source& random) {
  return base::to_base64(random.take<16>());
}

std::string websocket_accept_for(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  base::byte_array<20> digest = {};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base::to_base64(digest);
}

}
