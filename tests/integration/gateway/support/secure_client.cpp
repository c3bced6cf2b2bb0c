#include "gateway/support/secure_client.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <algorithm>
#include <charconv>

namespace httvps::testing {
namespace {

constexpr std::size_t read_size = 16384;
constexpr std::size_t label_size = identity::tls_exporter_label.size();

std::size_t declared_length(const std::string& head) {
  constexpr std::string_view name = "\r\nContent-Length: ";
  const auto place = head.find(name);
  std::size_t length = 0;
  if (place != std::string::npos) {
    const auto* first = head.data() + place + name.size();
    std::from_chars(first, head.data() + head.size(), length);
  }
  return length;
}

}

void secure_client::context_deleter::operator()(ssl_ctx_st* context) const noexcept {
  SSL_CTX_free(context);
}

void secure_client::connection_deleter::operator()(ssl_st* connection) const noexcept {
  SSL_free(connection);
}

secure_client::secure_client(std::uint16_t port, tls_choice choice)
    : socket_(connect_loopback(port)), context_(SSL_CTX_new(TLS_client_method())) {
  const int version = choice == tls_choice::tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
  SSL_CTX_set_min_proto_version(context_.get(), version);
  SSL_CTX_set_max_proto_version(context_.get(), version);
  connection_.reset(SSL_new(context_.get()));
  SSL_set_tlsext_host_name(connection_.get(), "localhost");
  if (socket_) {
    SSL_set_fd(connection_.get(), socket_.descriptor());
    connected_ = SSL_connect(connection_.get()) == 1;
  }
  ERR_clear_error();
}

identity::tls_exporter secure_client::exporter() const {
  identity::tls_exporter value{};
  SSL_export_keying_material(connection_.get(), value.data(), value.size(),
                             identity::tls_exporter_label.data(), label_size, nullptr, 0, 1);
  return value;
}

bool secure_client::send(base::byte_view bytes) {
  while (connected_ && !bytes.empty()) {
    const auto part = static_cast<int>(std::min(bytes.size(), read_size));
    const int sent = SSL_write(connection_.get(), bytes.data(), part);
    ERR_clear_error();
    if (sent <= 0) {
      closed_ = true;
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return connected_;
}

bool secure_client::ask_for_key_update() {
  if (!connected_ || closed_ || SSL_key_update(connection_.get(), SSL_KEY_UPDATE_REQUESTED) != 1) {
    return false;
  }
  const bool sent = SSL_do_handshake(connection_.get()) == 1;
  ERR_clear_error();
  return sent;
}

bool secure_client::wait_readable(std::chrono::milliseconds limit) const {
  if (SSL_pending(connection_.get()) > 0) {
    return true;
  }
  pollfd waiting{.fd = socket_.descriptor(), .events = POLLIN, .revents = 0};
  return ::poll(&waiting, 1, static_cast<int>(limit.count())) == 1;
}

std::optional<base::byte_vector> secure_client::receive_some(std::chrono::milliseconds limit) {
  if (!connected_ || closed_ || !wait_readable(limit)) {
    return std::nullopt;
  }
  base::byte_vector bytes(read_size);
  const int count = SSL_read(connection_.get(), bytes.data(), static_cast<int>(bytes.size()));
  ERR_clear_error();
  closed_ = count <= 0;
  bytes.resize(closed_ ? 0 : static_cast<std::size_t>(count));
  return bytes;
}

std::string secure_client::receive_until_closed(std::chrono::milliseconds limit) {
  auto text = std::exchange(surplus_, {});
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!closed_ && std::chrono::steady_clock::now() < end) {
    const auto bytes = receive_some(std::chrono::milliseconds(50));
    if (bytes) {
      text += base::as_text(*bytes);
    }
  }
  return text;
}

std::string secure_client::receive_response(std::chrono::milliseconds limit) {
  auto text = std::exchange(surplus_, {});
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!closed_ && std::chrono::steady_clock::now() < end) {
    const auto head = text.find("\r\n\r\n");
    const auto body = head == std::string::npos ? head : head + 4;
    const auto size =
        body == std::string::npos ? body : body + declared_length(text.substr(0, head));
    if (size <= text.size()) {
      surplus_ = text.substr(size);
      text.resize(size);
      break;
    }
    const auto bytes = receive_some(std::chrono::milliseconds(50));
    if (bytes) {
      text += base::as_text(*bytes);
    }
  }
  return text;
}

plain_response parse_response(const std::string& text) {
  const auto end = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || end == std::string::npos) {
    return {.status = 0, .head = text, .body = {}};
  }
  return {.status = std::stoi(text.substr(9, 3)),
          .head = text.substr(0, end),
          .body = text.substr(end + 4)};
}

}
