#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/random.hpp"

namespace httvps::net {

enum class websocket_role { client, server };
enum class websocket_opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa,
};

using websocket_mask = base::byte_array<4>;

inline constexpr std::size_t websocket_header_limit = 14;
inline constexpr std::size_t websocket_control_limit = 125;

enum class websocket_event_kind { need_more, payload, message_end, ping, pong, close };

struct websocket_event {
  websocket_event_kind kind = websocket_event_kind::need_more;
  base::byte_view payload = {};
  std::uint16_t close_code = 0;
};

struct websocket_decoder_options {
  websocket_role role = websocket_role::server;
  base::byte_count message_limit = 16 * base::mebibyte;
};

class websocket_decoder {
 public:
  explicit websocket_decoder(websocket_decoder_options chosen) noexcept : chosen_(chosen) {}

  base::result<websocket_event> next(base::byte_span& input);

 private:
  enum class stage { header, payload, control, closed };
  struct frame {
    websocket_opcode opcode = websocket_opcode::continuation;
    bool is_final = false;
    bool is_masked = false;
    std::uint64_t remaining = 0;
    websocket_mask mask = {};
    std::size_t phase = 0;
  };

  base::result<bool> collect_header(base::byte_span& input);
  std::size_t header_size() const noexcept;
  base::result<> check_first_bytes() const;
  base::result<> check_control() const;
  base::result<> check_data_order() const;
  base::result<> check_length(std::uint64_t length) const;
  std::uint64_t parse_length() const noexcept;
  base::result<> begin_frame();
  websocket_event take_payload(base::byte_span& input);
  base::result<websocket_event> take_control(base::byte_span& input);
  base::result<websocket_event> finish_control();
  base::byte_span unmasked(base::byte_span& input);

  websocket_decoder_options chosen_;
  stage stage_ = stage::header;
  bool in_message_ = false;
  std::uint8_t header_filled_ = 0;
  std::uint8_t control_filled_ = 0;
  base::byte_count message_size_ = 0;
  frame frame_;
  base::byte_array<websocket_header_limit> header_ = {};
  base::byte_array<websocket_control_limit> control_ = {};
};

void apply_mask(base::byte_span bytes, const websocket_mask& mask, std::size_t phase = 0) noexcept;
void copy_masked(base::byte_span to, base::byte_view from, const websocket_mask& mask) noexcept;

struct websocket_frame_head {
  websocket_opcode opcode = websocket_opcode::binary;
  std::uint64_t length = 0;
  const websocket_mask* mask = nullptr;
};

struct websocket_header {
  base::byte_array<websocket_header_limit> bytes = {};
  std::size_t size = 0;
  base::byte_view view() const noexcept { return base::byte_view(bytes).first(size); }
};

websocket_header encode_header(const websocket_frame_head& head) noexcept;

struct websocket_control_frame {
  base::byte_array<websocket_control_limit + 6> bytes = {};
  std::size_t size = 0;
  base::byte_view view() const noexcept { return base::byte_view(bytes).first(size); }
};

struct websocket_control_content {
  websocket_opcode opcode = websocket_opcode::ping;
  base::byte_view payload = {};
  const websocket_mask* mask = nullptr;
};

websocket_control_frame encode_control(const websocket_control_content& content) noexcept;
base::byte_array<2> encode_close_code(std::uint16_t code) noexcept;
bool is_valid_close_code(std::uint16_t code) noexcept;
std::uint16_t close_code_for(const base::error& failure) noexcept;

std::string make_websocket_key(base::random_source& random);
std::string websocket_accept_for(std::string_view key);

}
