#include "httvps/net/tls_engine.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "httvps/net/endpoint.hpp"
#include "tls_bio.hpp"
#include "tls_library.hpp"

namespace httvps::net {

struct tls_engine::state {
  explicit state(std::shared_ptr<const tls_context::state> chosen) : context(std::move(chosen)) {}

  void attach(base::byte_view& input, ciphertext_buffer& output) noexcept {
    ports.input = &input;
    ports.output = &output;
    ERR_clear_error();
  }

  void detach() noexcept { ports = {}; }

  void keep_buffers() noexcept { SSL_clear_mode(ssl.get(), SSL_MODE_RELEASE_BUFFERS); }

  void release_buffers() noexcept {
    SSL_set_mode(ssl.get(), SSL_MODE_RELEASE_BUFFERS);
    if (handshake_finished && SSL_pending(ssl.get()) == 0) {
      SSL_free_buffers(ssl.get());
    }
  }

  base::error failure_after(int outcome) {
    const int kind = SSL_get_error(ssl.get(), outcome);
    if (kind == SSL_ERROR_WANT_READ || kind == SSL_ERROR_WANT_WRITE) {
      return errc::would_block;
    }
    if (kind == SSL_ERROR_ZERO_RETURN) {
      return errc::connection_closed;
    }
    failed = true;
    const bool plain_http = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
    ERR_clear_error();
    if (plain_http) {
      return errc::tls_plain_http;
    }
    if (handshake_finished) {
      return errc::tls_protocol_error;
    }
    return handshake_failure();
  }

  base::error handshake_failure() const {
    if (check.failure) {
      return *check.failure;
    }
    const auto verified = SSL_get_verify_result(ssl.get());
    if (verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH) {
      return errc::certificate_name_mismatch;
    }
    return verified == X509_V_OK ? errc::tls_handshake_failed : errc::certificate_invalid;
  }

  base::result<> check_resumed_peer() {
    const bool pinned = !context->pins.empty() || !context->leaf_pins.empty();
    if (!pinned || SSL_is_server(ssl.get()) == 1) {
      return {};
    }
    const X509* certificate = SSL_get0_peer_certificate(ssl.get());
    check.failure = certificate == nullptr ? std::optional(errc::certificate_invalid)
                                           : check_pinned(*certificate, check);
    if (check.failure) {
      failed = true;
      return base::fail(*check.failure);
    }
    return {};
  }

  std::shared_ptr<const tls_context::state> context;
  tls_ports ports;
  tls_peer_check check;
  std::vector<std::shared_ptr<SSL_SESSION>> tickets;
  ssl_pointer ssl;
  bool handshake_finished = false;
  bool failed = false;
};

int peer_check_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

namespace {

int ticket_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

base::result<ssl_pointer> make_ssl(SSL_CTX* context, tls_ports* ports) {
  ERR_clear_error();
  ssl_pointer ssl(SSL_new(context));
  BIO* bio = make_span_bio(ports);
  if (!ssl || bio == nullptr) {
    BIO_free(bio);
    return base::fail(errc::tls_setup_failed);
  }
  SSL_set_bio(ssl.get(), bio, bio);
  return ssl;
}

bool set_name(SSL* ssl, const std::string& name) {
  if (is_address(name)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1;
  }
  return SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 && SSL_set1_host(ssl, name.c_str()) == 1;
}

}

int keep_ticket(SSL* ssl, SSL_SESSION* session) {
  auto* kept =
      static_cast<std::vector<std::shared_ptr<SSL_SESSION>>*>(SSL_get_ex_data(ssl, ticket_index()));
  if (kept == nullptr) {
    return 0;
  }
  if (kept->size() == tls_tickets_kept) {
    kept->erase(kept->begin());
  }
  kept->emplace_back(SSL_SESSION_dup(session), &SSL_SESSION_free);
  return 0;
}

tls_engine::tls_engine(std::unique_ptr<state> inner) noexcept : state_(std::move(inner)) {}
tls_engine::tls_engine(tls_engine&&) noexcept = default;
tls_engine& tls_engine::operator=(tls_engine&&) noexcept = default;
tls_engine::~tls_engine() = default;

base::result<tls_engine> tls_engine::make_server(const tls_context& context) {
  auto inner = std::make_unique<state>(context.state_);
  HTTVPS_TRY(inner->ssl, make_ssl(inner->context->context.get(), &inner->ports));
  SSL_set_accept_state(inner->ssl.get());
  return tls_engine(std::move(inner));
}

base::result<tls_engine> tls_engine::make_client(const tls_context& context, tls_target target) {
  auto inner = std::make_unique<state>(context.state_);
  HTTVPS_TRY(inner->ssl, make_ssl(inner->context->context.get(), &inner->ports));
  inner->check = {.pins = &inner->context->pins,
                  .leaf_pins = &inner->context->leaf_pins,
                  .name = std::move(target.server_name)};
  SSL* ssl = inner->ssl.get();
  const bool ready = set_name(ssl, inner->check.name) &&
                     SSL_set_ex_data(ssl, peer_check_index(), &inner->check) == 1 &&
                     SSL_set_ex_data(ssl, ticket_index(), &inner->tickets) == 1;
  if (!ready) {
    return base::fail(errc::tls_setup_failed);
  }
  if (!target.alpn.empty()) {
    HTTVPS_TRY(const auto wire, encode_alpn(target.alpn));
    SSL_set_alpn_protos(ssl, wire.data(), static_cast<unsigned>(wire.size()));
  }
  if (target.ticket) {
    SSL_set_session(ssl, target.ticket.session_.get());
  }
  SSL_set_connect_state(ssl);
  return tls_engine(std::move(inner));
}

base::result<tls_progress> tls_engine::handshake(base::byte_view& input,
                                                 ciphertext_buffer& output) {
  if (state_->failed) {
    return base::fail(errc::tls_handshake_failed);
  }
  state_->attach(input, output);
  const int outcome = SSL_do_handshake(state_->ssl.get());
  state_->detach();
  if (outcome == 1) {
    HTTVPS_CHECK(state_->check_resumed_peer());
    state_->handshake_finished = true;
    return tls_progress::finished;
  }
  const auto failure = state_->failure_after(outcome);
  if (failure == errc::would_block) {
    return tls_progress::wants_input;
  }
  return base::fail(failure == errc::connection_closed ? errc::tls_handshake_failed : failure);
}

base::result<std::size_t> tls_engine::read(base::byte_view& input, base::byte_span plain,
                                           ciphertext_buffer& output) {
  if (state_->failed) {
    return base::fail(errc::tls_protocol_error);
  }
  state_->attach(input, output);
  state_->keep_buffers();
  std::size_t total = 0;
  base::result<std::size_t> outcome = total;
  while (total < plain.size()) {
    std::size_t count = 0;
    const int step =
        SSL_read_ex(state_->ssl.get(), plain.data() + total, plain.size() - total, &count);
    if (step != 1) {
      outcome = base::fail(state_->failure_after(step));
      break;
    }
    total += count;
  }
  state_->release_buffers();
  state_->detach();
  if (total > 0) {
    return total;
  }
  return outcome;
}

base::result<> tls_engine::write(base::byte_view plain, ciphertext_buffer& output) {
  if (state_->failed) {
    return base::fail(errc::tls_protocol_error);
  }
  base::byte_view nothing;
  state_->attach(nothing, output);
  state_->keep_buffers();
  base::result<> outcome;
  while (!plain.empty()) {
    std::size_t count = 0;
    const int step = SSL_write_ex(state_->ssl.get(), plain.data(), plain.size(), &count);
    if (step != 1) {
      outcome = base::fail(state_->failure_after(step));
      break;
    }
    plain = plain.subspan(count);
  }
  state_->release_buffers();
  state_->detach();
  return outcome;
}

void tls_engine::close(ciphertext_buffer& output) {
  if (state_->failed || !is_handshake_finished()) {
    return;
  }
  base::byte_view nothing;
  state_->attach(nothing, output);
  SSL_shutdown(state_->ssl.get());
  state_->detach();
  ERR_clear_error();
}

bool tls_engine::is_handshake_finished() const noexcept {
  return state_->handshake_finished;
}

bool tls_engine::has_pending() const noexcept {
  const SSL* ssl = state_->ssl.get();
  return SSL_pending(ssl) > 0 || state_->failed ||
         (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

tls_version tls_engine::version() const noexcept {
  switch (SSL_version(state_->ssl.get())) {
    case TLS1_3_VERSION:
      return tls_version::tls_1_3;
    case TLS1_2_VERSION:
      return tls_version::tls_1_2;
    default:
      return tls_version::unknown;
  }
}

bool tls_engine::is_resumed() const noexcept {
  return SSL_session_reused(state_->ssl.get()) == 1;
}

std::string_view tls_engine::alpn() const noexcept {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(state_->ssl.get(), &name, &size);
  return base::as_text({name, size});
}

std::string_view tls_engine::cipher() const noexcept {
  return SSL_get_cipher_name(state_->ssl.get());
}

base::result<base::byte_array<32>> tls_engine::channel_binding() const {
  constexpr std::string_view label = "EXPORTER-Channel-Binding";
  if (!is_handshake_finished() || version() != tls_version::tls_1_3) {
    return base::fail(errc::tls_exporter_unavailable);
  }
  base::byte_array<32> material = {};
  ERR_clear_error();
  if (SSL_export_keying_material(state_->ssl.get(), material.data(), material.size(), label.data(),
                                 label.size(), nullptr, 0, 1) != 1) {
    return base::fail(errc::tls_exporter_unavailable);
  }
  return material;
}

std::optional<spki_digest> tls_engine::peer_spki() const {
  const X509* certificate = SSL_get0_peer_certificate(state_->ssl.get());
  if (certificate == nullptr) {
    return std::nullopt;
  }
  return digest_of(*certificate);
}

std::vector<tls_ticket> tls_engine::take_tickets() {
  std::vector<tls_ticket> taken(state_->tickets.size());
  std::ranges::transform(std::exchange(state_->tickets, {}), taken.begin(), [](auto& session) {
    tls_ticket ticket;
    ticket.session_ = std::move(session);
    return ticket;
  });
  return taken;
}

}
