#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/net/error.hpp"
#include "httvps/net/tls_context.hpp"

namespace httvps::net {

template <auto Release>
struct releaser {
  template <typename T>
  void operator()(T* object) const noexcept {
    Release(object);
  }
};

using ssl_context_pointer = std::unique_ptr<SSL_CTX, releaser<&SSL_CTX_free>>;
using ssl_pointer = std::unique_ptr<SSL, releaser<&SSL_free>>;
using certificate_pointer = std::unique_ptr<X509, releaser<&X509_free>>;

struct tls_context::state {
  ssl_context_pointer context;
  std::vector<spki_digest> pins;
  std::vector<certificate_digest> leaf_pins;
  base::byte_vector alpn_wire;
};

base::result<base::byte_vector> encode_alpn(const std::vector<std::string>& names);

struct tls_peer_check {
  const std::vector<spki_digest>* pins = nullptr;
  const std::vector<certificate_digest>* leaf_pins = nullptr;
  std::string name;
  std::optional<errc> failure;
};

spki_digest digest_of(const X509& certificate);
certificate_digest leaf_digest_of(const X509& certificate);
std::optional<errc> check_pinned(const X509& certificate, const tls_peer_check& wanted);

int peer_check_index();
int keep_ticket(SSL* ssl, SSL_SESSION* session);

}
