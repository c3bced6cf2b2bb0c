#pragma once

#include <openssl/types.h>

#include <cstdint>
#include <memory>
#include <span>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"

namespace httvps::bench {

enum class aead_kind { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };
enum class aead_use { seal, open };

inline constexpr std::size_t aead_tag_size = 16;
inline constexpr std::size_t aead_nonce_size = 12;
using aead_nonce = base::byte_array<aead_nonce_size>;

class aead {
 public:
  static base::result<aead> make(aead_kind kind, aead_use use);

  base::result<void> seal(const aead_nonce& nonce, base::byte_view head, base::byte_span text);
  base::result<void> open(const aead_nonce& nonce, base::byte_view head, base::byte_span text);

 private:
  struct free_context {
    void operator()(EVP_CIPHER_CTX* context) const noexcept;
  };
  using context = std::unique_ptr<EVP_CIPHER_CTX, free_context>;

  explicit aead(context owned) noexcept;

  context context_;
};

}
