#include "httvps/backend/services/field_cipher.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <mutex>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;

static_assert(field_key_size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

std::string associated_data(const cell_name& cell) {
  return fmt::format("{}/{}/{}", cell.table, cell.column, cell.record);
}

base::result<base::secret_bytes> open_clear(const key_ring& ring, std::string_view stored) {
  if (ring.mode() == sealing_mode::required) {
    return base::fail(errc::secret_unreadable);
  }
  auto bytes = base::from_base64url(stored.substr(clear_prefix.size()));
  if (!bytes) {
    return base::fail(errc::secret_unreadable);
  }
  return base::secret_bytes(*std::move(bytes));
}

base::result<base::secret_bytes> open_sealed(const base::secret_bytes& key, const cell_name& cell,
                                             std::string_view text) {
  const auto bytes = base::from_base64url(text);
  if (!bytes || bytes->size() < nonce_size + tag_size) {
    return base::fail(errc::secret_unreadable);
  }
  const auto bound = associated_data(cell);
  base::byte_vector content(bytes->size() - nonce_size - tag_size);
  const int status = crypto_aead_xchacha20poly1305_ietf_decrypt(
      content.data(), nullptr, nullptr, bytes->data() + nonce_size, bytes->size() - nonce_size,
      base::as_bytes(bound).data(), bound.size(), bytes->data(), key.reveal().data());
  if (status != 0) {
    return base::fail(errc::secret_unreadable);
  }
  return base::secret_bytes(std::move(content));
}

}

struct field_cipher::shared {
  explicit shared(key_ring ring) : current(std::make_shared<const key_ring>(std::move(ring))) {}

  std::mutex mutex;
  std::shared_ptr<const key_ring> current;
};

std::string sealed_head(std::string_view key_id) {
  return key_id == clear_key_id ? std::string(clear_prefix)
                                : fmt::format("{}{}:", sealed_prefix, key_id);
}

std::optional<std::string_view> key_id_in(std::string_view stored) noexcept {
  if (stored.starts_with(clear_prefix)) {
    return clear_key_id;
  }
  if (!stored.starts_with(sealed_prefix)) {
    return std::nullopt;
  }
  const auto rest = stored.substr(sealed_prefix.size());
  const auto end = rest.find(':');
  return end == std::string_view::npos ? std::nullopt : std::optional(rest.substr(0, end));
}

base::result<field_cipher> field_cipher::from_key(base::secret_bytes key) {
  if (key.size() != field_key_size) {
    return base::fail(errc::secret_unreadable);
  }
  auto id = derived_key_id(key);
  ring_parts parts;
  parts.active = id;
  parts.keys.push_back({.id = std::move(id), .key = std::move(key)});
  HTTVPS_TRY(auto ring, key_ring::make(std::move(parts)));
  return from_ring(std::move(ring));
}

field_cipher field_cipher::from_ring(key_ring ring) {
  return field_cipher(std::make_shared<shared>(std::move(ring)));
}

std::shared_ptr<const key_ring> field_cipher::ring() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->current;
}

void field_cipher::replace(key_ring ring) const {
  auto fresh = std::make_shared<const key_ring>(std::move(ring));
  const std::lock_guard lock(shared_->mutex);
  shared_->current = std::move(fresh);
}

std::string field_cipher::seal(const cell_name& cell, const base::secret_bytes& content,
                               base::random_source& random) const {
  const auto current = ring();
  const auto* key = current->find(current->active());
  if (key == nullptr) {
    return std::string(clear_prefix) + base::to_base64url(content.reveal());
  }
  const auto bound = associated_data(cell);
  base::byte_vector sealed(nonce_size + content.size() + tag_size);
  random.fill(base::byte_span(sealed).first(nonce_size));
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      sealed.data() + nonce_size, nullptr, content.reveal().data(), content.size(),
      base::as_bytes(bound).data(), bound.size(), nullptr, sealed.data(), key->reveal().data());
  return sealed_head(current->active()) + base::to_base64url(sealed);
}

base::result<base::secret_bytes> field_cipher::open(const cell_name& cell,
                                                    std::string_view sealed) const {
  const auto id = key_id_in(sealed);
  if (!id) {
    return base::fail(errc::secret_unreadable);
  }
  const auto current = ring();
  if (*id == clear_key_id) {
    return open_clear(*current, sealed);
  }
  const auto* key = current->find(*id);
  if (key == nullptr) {
    return base::fail(errc::secret_unreadable);
  }
  return open_sealed(*key, cell, sealed.substr(sealed_head(*id).size()));
}

}
