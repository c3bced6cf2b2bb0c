#include "httvps/backend/services/field_cipher.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t key_id_bytes = 16;
constexpr std::string_view key_id_label = "httvps field key";

static_assert(field_key_size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

std::string associated_data(const cell_name& cell) {
  return fmt::format("{}/{}/{}", cell.table, cell.column, cell.record);
}

std::string key_id_of(const base::secret_bytes& key) {
  base::byte_array<key_id_bytes> digest{};
  const auto label = base::as_bytes(key_id_label);
  crypto_generichash(digest.data(), digest.size(), label.data(), label.size(), key.reveal().data(),
                     key.size());
  return base::to_hex(base::byte_view(digest).first(8));
}

}

base::result<field_cipher> field_cipher::from_key(base::secret_bytes key) {
  if (key.size() != field_key_size || sodium_init() < 0) {
    return base::fail(errc::secret_unreadable);
  }
  auto key_id = key_id_of(key);
  return field_cipher(std::move(key), std::move(key_id));
}

std::string field_cipher::seal(const cell_name& cell, const base::secret_bytes& content,
                               base::random_source& random) const {
  const auto bound = associated_data(cell);
  base::byte_vector sealed(nonce_size + content.size() + tag_size);
  random.fill(base::byte_span(sealed).first(nonce_size));
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.data() + nonce_size, nullptr, content.reveal().data(), content.size(),
      base::as_bytes(bound).data(), bound.size(), nullptr, sealed.data(), key_.reveal().data());
  return fmt::format("{}{}:{}", sealed_prefix, key_id_, base::to_base64url(sealed));
}

base::result<base::secret_bytes> field_cipher::open(const cell_name& cell,
                                                    std::string_view sealed) const {
  const auto head = fmt::format("{}{}:", sealed_prefix, key_id_);
  if (!sealed.starts_with(head)) {
    return base::fail(errc::secret_unreadable);
  }
  const auto bytes = base::from_base64url(sealed.substr(head.size()));
  if (!bytes || bytes->size() < nonce_size + tag_size) {
    return base::fail(errc::secret_unreadable);
  }
  const auto bound = associated_data(cell);
  base::byte_vector content(bytes->size() - nonce_size - tag_size);
  const int status = crypto_aead_xchacha20poly1305_ietf_decrypt(
      content.data(), nullptr, nullptr, bytes->data() + nonce_size, bytes->size() - nonce_size,
      base::as_bytes(bound).data(), bound.size(), bytes->data(), key_.reveal().data());
  if (status != 0) {
    return base::fail(errc::secret_unreadable);
  }
  return base::secret_bytes(std::move(content));
}

}
