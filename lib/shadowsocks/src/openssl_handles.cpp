#include "openssl_handles.hpp"

#include <openssl/err.h>

#include <array>

namespace httvps::shadowsocks {
namespace {

using cipher_table = std::array<openssl_handle<EVP_CIPHER>, cipher_method_count>;

openssl_handle<EVP_CIPHER> fetch(const char* name) {
  return openssl_handle<EVP_CIPHER>(EVP_CIPHER_fetch(nullptr, name, nullptr));
}

}

const EVP_CIPHER* fetched_cipher(cipher_method method) noexcept {
  static const cipher_table ciphers{fetch("ChaCha20-Poly1305"), fetch("AES-128-GCM"),
                                    fetch("AES-256-GCM")};
  return ciphers[static_cast<std::size_t>(method)].get();
}

std::unexpected<base::error> openssl_failure(errc code) noexcept {
  ERR_clear_error();
  return base::fail(code);
}

}
