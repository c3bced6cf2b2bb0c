#pragma once

#include <openssl/evp.h>

#include <memory>

#include "httvps/shadowsocks/cipher.hpp"

namespace httvps::shadowsocks {

struct openssl_deleter {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
  void operator()(EVP_MD* digest) const noexcept { EVP_MD_free(digest); }
};

template <typename Handle>
using openssl_handle = std::unique_ptr<Handle, openssl_deleter>;

const EVP_CIPHER* fetched_cipher(cipher_method method) noexcept;

std::unexpected<base::error> openssl_failure(errc code) noexcept;

}
