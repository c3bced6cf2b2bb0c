#include "httvps/gateway/sessions/session_directory.hpp"

#include <sodium.h>

#include "httvps/base/encoding.hpp"

namespace httvps::gateway {
namespace {

constexpr std::size_t session_digest_size = 8;

}

std::string session_digest(const wire::session_id& id) {
  base::byte_array<crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), id.data(), id.size());
  return base::to_hex(base::byte_view(hash).first(session_digest_size));
}

}
