#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/support/secure_client.hpp"
#include "gateway/support/tunnel.hpp"
#include "httvps/net/websocket.hpp"
#include "httvps/wire/frame_encoder.hpp"

namespace httvps::testing {

struct upgrade_terms {
  std::string path;
  std::string cookie_header;
  std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
  std::string version = "13";
};

std::string upgrade_request(const upgrade_terms& terms);
std::string knock_cookie(const secure_client& client, const tunnel_options& options);

struct raw_frame {
  std::uint8_t first_byte = 0x82;
  base::byte_vector payload = {};
  bool masked = true;
};

base::byte_vector encode_raw(const raw_frame& frame);

struct hello_terms {
  wire::session_id session = base::secure_random().take<16>();
  std::uint64_t version = wire::protocol_version;
  wire::creation may_create = wire::creation::permitted;
  base::byte_count session_limit = wire::initial_session_window;
};

base::byte_vector encode_hello(const hello_terms& terms);
base::byte_vector encode_frames(const std::function<void(wire::frame_writer&)>& write);

struct seen_refusal {
  std::uint64_t code = 0;
  std::string sentence;
};

struct carrier_end {
  bool closed = false;
  std::optional<std::uint16_t> close_code;
  std::optional<seen_refusal> refusal;
  std::optional<std::uint64_t> farewell_code;
  std::vector<std::pair<wire::stream_id, std::uint64_t>> resets;
  std::size_t pongs = 0;
};

class raw_carrier {
 public:
  explicit raw_carrier(const tunnel_options& options);

  bool is_upgraded() const noexcept { return upgraded_; }
  bool send_message(base::byte_view payload);
  bool send_bytes(base::byte_view bytes) { return client_.send(bytes); }
  secure_client& client() noexcept { return client_; }
  carrier_end read_until_end(std::chrono::milliseconds limit = std::chrono::seconds(10));

 private:
  void note(const wire::frame& frame, carrier_end& end);
  void decode(base::byte_span bytes, carrier_end& end);

  secure_client client_;
  net::websocket_decoder decoder_{{.role = net::websocket_role::client}};
  wire::frame_reader reader_;
  bool upgraded_ = false;
};

}
