#pragma once

#include <memory>
#include <optional>
#include <string>

#include "httvps/net/carrier_link.hpp"
#include "httvps/net/http2_opening.hpp"
#include "httvps/net/http2_tunnel.hpp"
#include "httvps/net/http_message.hpp"

namespace httvps::net {

class http2_link final : public carrier_link {
 public:
  http2_link(tls_stream stream, base::byte_vector early, const http2_tunnel_options& chosen);
  http2_link(http2_link&&) noexcept = default;
  http2_link& operator=(http2_link&&) noexcept = default;

  task<> wait_readable(base::steady_time deadline) override;
  base::result<link_state> receive(payload_sink sink) override;
  base::result<send_state> send(payload_source fill) override;
  task<> close(std::uint16_t code, base::steady_time deadline) override;
  tls_stream& stream() noexcept override { return stream_; }
  tls_stream* tls() noexcept override { return &stream_; }

  base::result<> send_replies();
  const http2_tunnel& tunnel() const noexcept { return tunnel_; }

 private:
  enum class fill_end { drained, paused, full };

  base::result<> receive_once(payload_sink sink);
  base::result<fill_end> fill_output(payload_source fill, base::byte_span staging,
                                     ciphertext_buffer& output);

  tls_stream stream_;
  http2_tunnel tunnel_;
  base::byte_vector early_;
};

struct http2_request {
  std::string host;
  std::string target = "/";
  http_fields headers = {};
  base::byte_count message_limit = 16 * base::mebibyte;
};

task<std::unique_ptr<http2_link>> open_http2(tls_stream stream, http2_request request,
                                             base::steady_time deadline);

inline constexpr std::uint32_t http2_server_streams = 128;
inline constexpr std::uint32_t http2_server_window = 65'536;
inline constexpr std::uint32_t http2_server_connection = 0x7fff'ffff;

base::byte_vector http2_server_settings();
task<std::unique_ptr<http2_link>> accept_http2(tls_stream stream, http2_offer offer,
                                               base::byte_vector early, base::steady_time deadline);

}
