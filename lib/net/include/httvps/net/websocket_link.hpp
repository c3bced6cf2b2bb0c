#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "httvps/net/carrier_link.hpp"
#include "httvps/net/http_message.hpp"
#include "httvps/net/websocket.hpp"

namespace httvps::net {

struct websocket_link_options {
  websocket_role role = websocket_role::server;
  base::byte_count message_limit = 16 * base::mebibyte;
};

class websocket_link final : public carrier_link {
 public:
  websocket_link(tls_stream stream, base::byte_vector early, websocket_link_options chosen);
  websocket_link(websocket_link&&) noexcept = default;
  websocket_link& operator=(websocket_link&&) noexcept = default;

  task<> wait_readable(base::steady_time deadline) override;
  task<> wait_writable(base::steady_time deadline);
  base::result<link_state> receive(payload_sink sink) override;
  base::result<send_state> send(payload_source fill) override;
  bool has_backlog() const noexcept { return stream_.has_backlog(); }

  base::result<> ping(base::byte_view payload);
  task<> close(std::uint16_t code, base::steady_time deadline) override;
  tls_stream& stream() noexcept override { return stream_; }
  tls_stream* tls() noexcept override { return &stream_; }
  base::result<> move_to(const executor& runs_on) { return stream_.move_to(runs_on); }

  const tls_engine& engine() const noexcept { return stream_.engine(); }
  tcp_stream& socket() noexcept { return stream_.socket(); }
  traffic ciphertext_traffic() const noexcept { return stream_.ciphertext_traffic(); }
  std::optional<std::uint16_t> peer_close_code() const noexcept { return peer_close_code_; }

 private:
  base::result<> decode(base::byte_span plain, payload_sink sink);
  base::result<> handle(const websocket_event& received, payload_sink sink);
  base::result<> answer_ping();
  base::result<> send_control(websocket_opcode opcode, base::byte_view payload);
  std::size_t frame_in_place(base::byte_span place, std::size_t length) const;
  base::result<bool> fill_output(payload_source fill, base::byte_span staging,
                                 ciphertext_buffer& output);
  base::result<> send_close(std::uint16_t code);
  base::error close_after(const base::error& failure);
  std::size_t header_room() const noexcept;
  bool is_closed() const noexcept { return peer_close_code_.has_value(); }

  tls_stream stream_;
  websocket_decoder decoder_;
  websocket_role role_;
  bool close_sent_ = false;
  bool pong_pending_ = false;
  std::uint8_t pong_size_ = 0;
  base::byte_array<websocket_control_limit> pong_ = {};
  std::optional<std::uint16_t> peer_close_code_;
  base::byte_vector early_;
};

struct websocket_request {
  std::string host;
  std::string target = "/";
  http_fields headers = {};
  websocket_link_options link = {.role = websocket_role::client};
};

base::result<std::string> websocket_key_of(const http_request& head);
http_response websocket_accept_response(std::string_view key);
task<websocket_link> open_websocket(tls_stream stream, websocket_request request,
                                    base::steady_time deadline);

}
