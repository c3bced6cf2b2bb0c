#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/identity/knock.hpp"
#include "support/tcp.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace httvps::testing {

enum class tls_choice { tls_1_2, tls_1_3 };

class secure_client {
 public:
  explicit secure_client(std::uint16_t port, tls_choice choice = tls_choice::tls_1_3);
  secure_client(secure_client&&) noexcept = default;
  secure_client& operator=(secure_client&&) noexcept = default;

  bool is_connected() const noexcept { return connected_; }
  identity::tls_exporter exporter() const;
  bool send(base::byte_view bytes);
  bool send(std::string_view text) { return send(base::as_bytes(text)); }
  bool send_below_tls(base::byte_view bytes) const { return socket_.send_all(bytes); }
  std::optional<base::byte_vector> receive_some(std::chrono::milliseconds limit);
  std::string receive_until_closed(std::chrono::milliseconds limit = std::chrono::seconds(10));
  std::string receive_response(std::chrono::milliseconds limit = std::chrono::seconds(10));
  bool ask_for_key_update();
  bool is_closed() const noexcept { return closed_; }
  void abandon() noexcept { socket_.close(); }

 private:
  struct context_deleter {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  struct connection_deleter {
    void operator()(ssl_st* connection) const noexcept;
  };

  bool wait_readable(std::chrono::milliseconds limit) const;

  tcp_socket socket_;
  std::unique_ptr<ssl_ctx_st, context_deleter> context_;
  std::unique_ptr<ssl_st, connection_deleter> connection_;
  std::string surplus_;
  bool connected_ = false;
  bool closed_ = false;
};

struct plain_response {
  int status = 0;
  std::string head;
  std::string body;
};

plain_response parse_response(const std::string& text);

}
