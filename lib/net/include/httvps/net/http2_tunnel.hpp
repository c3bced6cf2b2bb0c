#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "httvps/net/carrier_link.hpp"
#include "httvps/net/http2_frame.hpp"
#include "httvps/net/websocket.hpp"

namespace httvps::net {

inline constexpr std::uint32_t http2_tunnel_window = 256 * 1024 * 1024;
inline constexpr std::size_t http2_tunnel_overhead = http2_head_size + 8;
inline constexpr std::size_t http2_least_room = 2048;
inline constexpr std::uint32_t http2_idle_frames = 1024;

struct http2_tunnel_options {
  websocket_role role = websocket_role::server;
  std::uint32_t stream = 1;
  http2_peer peer = {};
  std::uint32_t longest_frame = http2_largest_frame;
  std::int64_t stream_window = http2_default_window;
  std::int64_t connection_window = http2_default_window;
  base::byte_count message_limit = 16 * base::mebibyte;
};

class http2_tunnel {
 public:
  using payload_sink = carrier_link::payload_sink;

  explicit http2_tunnel(http2_tunnel_options chosen);

  base::result<link_state> receive(base::byte_span plain, payload_sink sink);
  std::size_t room() const noexcept;
  std::size_t header_room() const noexcept;
  std::size_t frame_in_place(base::byte_span place, std::size_t length);
  base::byte_vector take_replies();
  void close(std::uint16_t code);

  bool is_closed() const noexcept { return ended_ || peer_close_code_.has_value(); }
  bool is_accepted() const noexcept { return accepted_; }
  bool is_close_sent() const noexcept { return close_sent_; }
  std::optional<std::uint16_t> peer_close_code() const noexcept { return peer_close_code_; }

 private:
  base::result<> take_input(base::byte_span plain, payload_sink sink);
  base::result<> take_piece(const http2_piece& piece, payload_sink sink);
  base::result<> begin_frame();
  base::result<> take_data(const http2_piece& piece, payload_sink sink);
  base::result<> decode(base::byte_span plain, payload_sink sink);
  base::result<> take_answer(const http2_piece& piece);
  base::result<> accept(const http_fields& answer);
  base::result<> take_control(const http2_piece& piece);
  base::result<> end_of_control();
  base::result<> take_window(std::uint32_t increment);
  base::result<> take_reset();
  base::result<> take_goaway();
  base::result<> spend() noexcept;
  void earn() noexcept;
  void widen();
  void replenish();
  void answer_ping();
  bool send_control(websocket_opcode opcode, base::byte_view payload);
  void send_close(std::uint16_t code);
  base::error refuse(const base::error& failure);
  bool is_client() const noexcept { return role_ == websocket_role::client; }

  websocket_role role_;
  std::uint32_t stream_;
  http2_peer peer_;
  http2_frame_reader frames_;
  http2_body body_;
  http2_control_frame control_;
  websocket_decoder messages_;
  std::unique_ptr<http2_header_reader> answer_;
  std::int64_t granted_stream_;
  std::int64_t granted_connection_;
  std::int64_t consumed_ = 0;
  std::uint32_t idle_frames_left_ = http2_idle_frames;
  bool accepted_ = false;
  bool ended_ = false;
  bool close_sent_ = false;
  std::uint8_t interim_answers_ = 0;
  std::optional<std::uint8_t> pong_size_;
  base::byte_array<websocket_control_limit> pong_ = {};
  std::optional<std::uint16_t> peer_close_code_;
  base::byte_vector replies_;
};

}
