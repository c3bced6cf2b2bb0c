#include "bound/aead.hpp"

#include <openssl/evp.h>

#include <utility>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr std::uint8_t demonstration_key_byte = 7;

struct free_cipher {
  void operator()(EVP_CIPHER* cipher) const noexcept { EVP_CIPHER_free(cipher); }
};

std::unique_ptr<EVP_CIPHER, free_cipher> fetch(aead_kind kind) {
  const char* name = "ChaCha20-Poly1305";
  if (kind != aead_kind::chacha20_poly1305) {
    name = kind == aead_kind::aes_128_gcm ? "AES-128-GCM" : "AES-256-GCM";
  }
  return std::unique_ptr<EVP_CIPHER, free_cipher>(EVP_CIPHER_fetch(nullptr, name, nullptr));
}

struct sealed_parts {
  base::byte_span body;
  base::byte_span tag;
};

sealed_parts split(base::byte_span text) {
  return {.body = text.first(text.size() - aead_tag_size), .tag = text.last(aead_tag_size)};
}

int length_of(base::byte_view bytes) {
  return static_cast<int>(bytes.size());
}

}

void aead::free_context::operator()(EVP_CIPHER_CTX* context) const noexcept {
  EVP_CIPHER_CTX_free(context);
}

aead::aead(context owned) noexcept : context_(std::move(owned)) {}

base::result<aead> aead::make(aead_kind kind, aead_use use) {
  base::byte_array<EVP_MAX_KEY_LENGTH> key{};
  key.fill(demonstration_key_byte);
  const auto cipher = fetch(kind);
  context made(EVP_CIPHER_CTX_new());
  if (!cipher || !made ||
      EVP_CipherInit_ex2(made.get(), cipher.get(), key.data(), nullptr,
                         use == aead_use::seal ? 1 : 0, nullptr) != 1) {
    return base::fail(errc::cipher_failed);
  }
  return aead(std::move(made));
}

base::result<void> aead::seal(const aead_nonce& nonce, base::byte_view head, base::byte_span text) {
  auto* context = context_.get();
  const auto [body, tag] = split(text);
  int written = 0;
  if (EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) != 1 ||
      (!head.empty() &&
       EVP_EncryptUpdate(context, nullptr, &written, head.data(), length_of(head)) != 1) ||
      EVP_EncryptUpdate(context, body.data(), &written, body.data(), length_of(body)) != 1 ||
      EVP_EncryptFinal_ex(context, tag.data(), &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, aead_tag_size, tag.data()) != 1) {
    return base::fail(errc::cipher_failed);
  }
  return {};
}

base::result<void> aead::open(const aead_nonce& nonce, base::byte_view head, base::byte_span text) {
  auto* context = context_.get();
  const auto [body, tag] = split(text);
  int written = 0;
  if (EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr) != 1 ||
      (!head.empty() &&
       EVP_DecryptUpdate(context, nullptr, &written, head.data(), length_of(head)) != 1) ||
      EVP_DecryptUpdate(context, body.data(), &written, body.data(), length_of(body)) != 1 ||
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, aead_tag_size, tag.data()) != 1) {
    return base::fail(errc::cipher_failed);
  }
  base::byte_array<aead_tag_size> rest{};
  if (EVP_DecryptFinal_ex(context, rest.data(), &written) != 1) {
    return base::fail(errc::forged_record);
  }
  return {};
}

}
