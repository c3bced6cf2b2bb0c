#include "httvps/net/tls_context.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>

#include "httvps/base/secret.hpp"
#include "httvps/net/endpoint.hpp"
#include "tls_library.hpp"

namespace httvps::net {
namespace {

constexpr const char* tls13_suites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* client_tls12_ciphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";
constexpr const char* server_tls12_ciphers = "HIGH:!aNULL:!MD5";
constexpr unsigned char session_context[] = "httvps";
constexpr std::size_t alpn_name_limit = 255;

bool is_among(const std::vector<base::byte_array<32>>& pins, const base::byte_array<32>& digest) {
  return std::ranges::any_of(pins, [&digest](const base::byte_array<32>& pin) {
    return base::equal_in_constant_time(pin, digest);
  });
}

int select_alpn(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                const unsigned char* offered, unsigned int offered_size, void* argument) {
  const auto& ours = *static_cast<const base::byte_vector*>(argument);
  unsigned char* match = nullptr;
  const int outcome = SSL_select_next_proto(
      &match, chosen_size, ours.data(), static_cast<unsigned>(ours.size()), offered, offered_size);
  *chosen = match;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int verify_pinned(X509_STORE_CTX* store, void*) {
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* wanted = static_cast<tls_peer_check*>(SSL_get_ex_data(ssl, peer_check_index()));
  const X509* certificate = X509_STORE_CTX_get0_cert(store);
  wanted->failure = check_pinned(*certificate, *wanted);
  if (wanted->failure) {
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    return 0;
  }
  X509_STORE_CTX_set_error(store, X509_V_OK);
  return 1;
}

void apply_common(SSL_CTX* context) {
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_max_early_data(context, 0);
  SSL_CTX_set_recv_max_early_data(context, 0);
  SSL_CTX_set_read_ahead(context, 0);
}

bool apply_server(SSL_CTX* context) {
  SSL_CTX_set_num_tickets(context, 2);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, server_tls12_ciphers) == 1 &&
         SSL_CTX_set_session_id_context(context, session_context, sizeof(session_context) - 1) == 1;
}

bool load_key_pair(SSL_CTX* context, const tls_server_options& chosen) {
  return SSL_CTX_use_certificate_chain_file(context, chosen.certificate_chain_file.c_str()) == 1 &&
         SSL_CTX_use_PrivateKey_file(context, chosen.private_key_file.c_str(), SSL_FILETYPE_PEM) ==
             1 &&
         SSL_CTX_check_private_key(context) == 1;
}

bool apply_client(SSL_CTX* context, const base::byte_vector& alpn) {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, client_tls12_ciphers) == 1 &&
         SSL_CTX_set_ciphersuites(context, tls13_suites) == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") == 1 &&
         SSL_CTX_set_alpn_protos(context, alpn.data(), static_cast<unsigned>(alpn.size())) == 0;
}

bool load_trust(SSL_CTX* context, const tls_client_options& chosen) {
  if (!chosen.pins.empty() || !chosen.leaf_pins.empty()) {
    SSL_CTX_set_cert_verify_callback(context, &verify_pinned, nullptr);
    return true;
  }
  if (!chosen.authority_file.empty()) {
    return SSL_CTX_load_verify_file(context, chosen.authority_file.c_str()) == 1;
  }
  return SSL_CTX_set_default_verify_paths(context) == 1;
}

}

base::result<base::byte_vector> encode_alpn(const std::vector<std::string>& names) {
  base::byte_vector wire;
  for (const auto& name : names) {
    if (name.empty() || name.size() > alpn_name_limit) {
      return base::fail(errc::tls_setup_failed);
    }
    wire.push_back(static_cast<std::uint8_t>(name.size()));
    base::append(wire, base::as_bytes(name));
  }
  return wire;
}

spki_digest digest_of(const X509& certificate) {
  spki_digest digest = {};
  unsigned char* encoded = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(&certificate), &encoded);
  if (size > 0) {
    unsigned int length = 0;
    EVP_Digest(encoded, static_cast<std::size_t>(size), digest.data(), &length, EVP_sha256(),
               nullptr);
    OPENSSL_free(encoded);
  }
  return digest;
}

certificate_digest leaf_digest_of(const X509& certificate) {
  certificate_digest digest = {};
  unsigned int length = 0;
  X509_digest(&certificate, EVP_sha256(), digest.data(), &length);
  return digest;
}

std::optional<errc> check_pinned(const X509& certificate, const tls_peer_check& wanted) {
  if (!wanted.leaf_pins->empty()) {
    return is_among(*wanted.leaf_pins, leaf_digest_of(certificate))
               ? std::nullopt
               : std::optional(errc::certificate_pin_mismatch);
  }
  if (!is_among(*wanted.pins, digest_of(certificate))) {
    return errc::certificate_pin_mismatch;
  }
  auto* subject = const_cast<X509*>(&certificate);
  const bool named =
      is_address(wanted.name)
          ? X509_check_ip_asc(subject, wanted.name.c_str(), 0) == 1
          : X509_check_host(subject, wanted.name.data(), wanted.name.size(), 0, nullptr) == 1;
  if (!named) {
    return errc::certificate_name_mismatch;
  }
  return std::nullopt;
}

base::result<tls_context> tls_context::make_server(const tls_server_options& chosen) {
  HTTVPS_TRY(base::byte_vector alpn, encode_alpn(chosen.alpn));
  auto shared = std::make_shared<state>();
  shared->alpn_wire = std::move(alpn);
  shared->context.reset(SSL_CTX_new(TLS_server_method()));
  auto* context = shared->context.get();
  ERR_clear_error();
  if (context == nullptr || !apply_server(context)) {
    return base::fail(errc::tls_setup_failed);
  }
  apply_common(context);
  if (!load_key_pair(context, chosen)) {
    return base::fail(errc::certificate_unreadable);
  }
  if (!shared->alpn_wire.empty()) {
    SSL_CTX_set_alpn_select_cb(context, &select_alpn, &shared->alpn_wire);
  }
  return tls_context(std::move(shared));
}

base::result<tls_context> tls_context::make_client(const tls_client_options& chosen) {
  HTTVPS_TRY(base::byte_vector alpn, encode_alpn(chosen.alpn));
  auto shared = std::make_shared<state>();
  shared->alpn_wire = std::move(alpn);
  shared->pins = chosen.pins;
  shared->leaf_pins = chosen.leaf_pins;
  shared->context.reset(SSL_CTX_new(TLS_client_method()));
  auto* context = shared->context.get();
  ERR_clear_error();
  if (context == nullptr || !apply_client(context, shared->alpn_wire)) {
    return base::fail(errc::tls_setup_failed);
  }
  apply_common(context);
  if (chosen.newest == tls_version::tls_1_2) {
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  }
  if (!load_trust(context, chosen)) {
    return base::fail(errc::certificate_unreadable);
  }
  SSL_CTX_sess_set_new_cb(context, &keep_ticket);
  return tls_context(std::move(shared));
}

namespace {

base::result<certificate_pointer> read_certificate(const std::string& path) {
  const std::unique_ptr<BIO, releaser<&BIO_free_all>> file(BIO_new_file(path.c_str(), "r"));
  if (!file) {
    return base::fail(errc::certificate_unreadable);
  }
  certificate_pointer certificate(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  if (!certificate) {
    return base::fail(errc::certificate_unreadable);
  }
  return certificate;
}

}

base::result<spki_digest> spki_digest_of_certificate_file(const std::string& path) {
  HTTVPS_TRY(const auto certificate, read_certificate(path));
  return digest_of(*certificate);
}

base::result<certificate_digest> digest_of_certificate_file(const std::string& path) {
  HTTVPS_TRY(const auto certificate, read_certificate(path));
  return leaf_digest_of(*certificate);
}

}
