#include "httvps/identity/signing_key.hpp"

#include <sodium.h>

#include <algorithm>

#include "httvps/base/encoding.hpp"
#include "httvps/identity/errc.hpp"
#include "sodium_ready.hpp"

namespace httvps::identity {
namespace {

struct expanded_pair {
  public_key public_part;
  base::byte_vector expanded;
};

expanded_pair expand(base::byte_view seed) {
  make_sodium_ready();
  expanded_pair pair{.public_part = {}, .expanded = base::byte_vector(crypto_sign_SECRETKEYBYTES)};
  crypto_sign_seed_keypair(pair.public_part.bytes.data(), pair.expanded.data(), seed.data());
  return pair;
}

}

base::result<public_key> public_key::from_bytes(base::byte_view bytes) {
  if (bytes.size() != key_size) {
    return base::fail(errc::key_invalid);
  }
  public_key key;
  std::ranges::copy(bytes, key.bytes.begin());
  return key;
}

base::result<public_key> public_key::from_base64url(std::string_view text) {
  const auto bytes = base::from_base64url(text);
  if (!bytes) {
    return base::fail(errc::key_invalid);
  }
  return from_bytes(*bytes);
}

std::string public_key::to_base64url() const {
  return base::to_base64url(bytes);
}

std::string public_key::key_id() const {
  base::byte_array<crypto_hash_sha256_BYTES> digest;
  crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
  return base::to_hex(base::byte_view(digest).first(key_id_size / 2));
}

signing_key signing_key::generate(base::random_source& random) {
  auto seed = random.take<key_size>();
  auto pair = expand(seed);
  base::wipe(seed);
  return {pair.public_part, base::secret_bytes(std::move(pair.expanded))};
}

base::result<signing_key> signing_key::from_seed(const base::secret_bytes& seed) {
  if (seed.size() != key_size) {
    return base::fail(errc::key_invalid);
  }
  auto pair = expand(seed.reveal());
  return signing_key(pair.public_part, base::secret_bytes(std::move(pair.expanded)));
}

signature signing_key::sign(base::byte_view message) const {
  signature made;
  crypto_sign_detached(made.data(), nullptr, message.data(), message.size(),
                       expanded_.reveal().data());
  return made;
}

base::secret_bytes signing_key::seed() const {
  return base::secret_bytes(expanded_.reveal().first(key_size));
}

base::result<> verify_signature(const public_key& key, const signed_bytes& claimed) {
  make_sodium_ready();
  if (crypto_sign_verify_detached(claimed.proof.data(), claimed.message.data(),
                                  claimed.message.size(), key.bytes.data()) != 0) {
    return base::fail(errc::signature_invalid);
  }
  return {};
}

base::result<signature> parse_signature(std::string_view base64url) {
  const auto bytes = base::from_base64url(base64url);
  if (!bytes || bytes->size() != signature_size) {
    return base::fail(errc::signature_invalid);
  }
  signature parsed;
  std::ranges::copy(*bytes, parsed.begin());
  return parsed;
}

}
