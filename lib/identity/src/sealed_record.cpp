#include "httvps/identity/sealed_record.hpp"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>

#include <array>
#include <memory>

#include "httvps/identity/errc.hpp"
#include "sodium_ready.hpp"

namespace httvps::identity {
namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;

static_assert(record_key_size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(sealed_record_overhead == nonce_size + tag_size);

template <auto Free>
struct freed_by {
  template <typename Handle>
  void operator()(Handle* handle) const noexcept {
    Free(handle);
  }
};

using kdf_handle = std::unique_ptr<EVP_KDF, freed_by<EVP_KDF_free>>;
using kdf_context = std::unique_ptr<EVP_KDF_CTX, freed_by<EVP_KDF_CTX_free>>;

OSSL_PARAM octets(const char* name, base::byte_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()),
                                           bytes.size());
}

base::result<base::secret_bytes> derive_by_hkdf_sha256(base::byte_view secret,
                                                       base::byte_view info) {
  const kdf_handle hkdf(EVP_KDF_fetch(nullptr, OSSL_KDF_NAME_HKDF, nullptr));
  const kdf_context context(hkdf ? EVP_KDF_CTX_new(hkdf.get()) : nullptr);
  if (!context) {
    return base::fail(errc::key_invalid);
  }
  std::array<char, 7> digest{"SHA256"};
  const std::array<OSSL_PARAM, 4> chosen = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
      octets(OSSL_KDF_PARAM_KEY, secret), octets(OSSL_KDF_PARAM_INFO, info),
      OSSL_PARAM_construct_end()};
  base::byte_vector derived(record_key_size);
  if (EVP_KDF_derive(context.get(), derived.data(), derived.size(), chosen.data()) <= 0) {
    return base::fail(errc::key_invalid);
  }
  return base::secret_bytes(std::move(derived));
}

}

base::result<record_key> record_key::derive(const base::secret_bytes& secret,
                                            std::string_view label) {
  if (secret.empty()) {
    return base::fail(errc::key_invalid);
  }
  make_sodium_ready();
  HTTVPS_TRY(auto derived, derive_by_hkdf_sha256(secret.reveal(), base::as_bytes(label)));
  return record_key(std::move(derived));
}

base::byte_vector record_key::seal(const sealed_content& content,
                                   base::random_source& random) const {
  base::byte_vector sealed(content.bytes.size() + sealed_record_overhead);
  random.fill(base::byte_span(sealed).first(nonce_size));
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data() + nonce_size, nullptr,
                                             content.bytes.data(), content.bytes.size(),
                                             content.bound_to.data(), content.bound_to.size(),
                                             nullptr, sealed.data(), secret_.reveal().data());
  return sealed;
}

base::result<base::secret_bytes> record_key::open(const sealed_content& sealed) const {
  if (sealed.bytes.size() < sealed_record_overhead) {
    return base::fail(errc::sealed_record_invalid);
  }
  const auto body = sealed.bytes.subspan(nonce_size);
  base::byte_vector content(body.size() - tag_size);
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          content.data(), nullptr, nullptr, body.data(), body.size(), sealed.bound_to.data(),
          sealed.bound_to.size(), sealed.bytes.data(), secret_.reveal().data()) != 0) {
    return base::fail(errc::sealed_record_invalid);
  }
  return base::secret_bytes(std::move(content));
}

}
