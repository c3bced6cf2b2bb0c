#include "httvps/identity/sealed_box.hpp"

#include <sodium.h>

#include <algorithm>

#include "httvps/base/encoding.hpp"
#include "httvps/identity/errc.hpp"
#include "sodium_ready.hpp"

namespace httvps::identity {
namespace {

static_assert(sealed_box_overhead == crypto_box_SEALBYTES);

using box_nonce = base::byte_array<crypto_box_NONCEBYTES>;

box_public_key derive_public_part(const base::secret_bytes& secret) {
  make_sodium_ready();
  box_public_key derived;
  crypto_scalarmult_base(derived.bytes.data(), secret.reveal().data());
  return derived;
}

box_nonce nonce_between(const box_public_key& sender, const box_public_key& recipient) {
  box_nonce nonce;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, nonce.size());
  crypto_generichash_update(&state, sender.bytes.data(), sender.bytes.size());
  crypto_generichash_update(&state, recipient.bytes.data(), recipient.bytes.size());
  crypto_generichash_final(&state, nonce.data(), nonce.size());
  return nonce;
}

}

base::result<box_public_key> box_public_key::from_base64url(std::string_view text) {
  const auto bytes = base::from_base64url(text);
  if (!bytes || bytes->size() != box_key_size) {
    return base::fail(errc::key_invalid);
  }
  box_public_key key;
  std::ranges::copy(*bytes, key.bytes.begin());
  return key;
}

std::string box_public_key::to_base64url() const {
  return base::to_base64url(bytes);
}

box_key box_key::generate(base::random_source& random) {
  base::byte_vector drawn(box_key_size);
  random.fill(drawn);
  base::secret_bytes secret(std::move(drawn));
  const auto public_part = derive_public_part(secret);
  return {public_part, std::move(secret)};
}

base::result<box_key> box_key::from_secret(base::secret_bytes secret) {
  if (secret.size() != box_key_size) {
    return base::fail(errc::key_invalid);
  }
  const auto public_part = derive_public_part(secret);
  return box_key(public_part, std::move(secret));
}

base::result<base::secret_bytes> box_key::open(base::byte_view sealed) const {
  if (sealed.size() < sealed_box_overhead || sealed.size() > sealed_box_limit) {
    return base::fail(errc::sealed_box_invalid);
  }
  base::byte_vector content(sealed.size() - sealed_box_overhead);
  if (crypto_box_seal_open(content.data(), sealed.data(), sealed.size(), public_part_.bytes.data(),
                           secret_.reveal().data()) != 0) {
    return base::fail(errc::sealed_box_invalid);
  }
  return base::secret_bytes(std::move(content));
}

base::result<base::byte_vector> seal_to(const box_public_key& recipient,
                                        const base::secret_bytes& content,
                                        base::random_source& random) {
  if (content.size() + sealed_box_overhead > sealed_box_limit) {
    return base::fail(errc::too_long);
  }
  const auto sender = box_key::generate(random);
  const auto nonce = nonce_between(sender.public_part(), recipient);
  base::byte_vector sealed(content.size() + sealed_box_overhead);
  std::ranges::copy(sender.public_part().bytes, sealed.begin());
  if (crypto_box_easy(sealed.data() + box_key_size, content.reveal().data(), content.size(),
                      nonce.data(), recipient.bytes.data(), sender.secret().reveal().data()) != 0) {
    return base::fail(errc::key_invalid);
  }
  return sealed;
}

}
