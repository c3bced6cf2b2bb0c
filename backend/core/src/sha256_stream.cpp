#include "sha256_stream.hpp"

#include "httvps/base/encoding.hpp"

namespace httvps::backend::core {

sha256_stream::sha256_stream() noexcept {
  crypto_hash_sha256_init(&state_);
}

void sha256_stream::add(base::byte_view content) noexcept {
  crypto_hash_sha256_update(&state_, content.data(), content.size());
}

std::string sha256_stream::finish() {
  base::byte_array<crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state_, digest.data());
  return base::to_hex(digest);
}

}
