#include "httvps/backend/core/key_files.hpp"

#include "httvps/backend/core/ring_file.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/base/secret_text.hpp"
#include "httvps/identity/errc.hpp"
#include "httvps/identity/key_file.hpp"

namespace httvps::backend::core {
namespace {

std::string_view without_line_end(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.remove_suffix(1);
  }
  return text;
}

base::secret_bytes as_line(std::string_view text) {
  std::string line(text);
  line += '\n';
  return base::take_text(line);
}

base::result<base::secret_bytes> decode_key(const base::secret_bytes& content) {
  const auto text = without_line_end(content.reveal_text());
  auto bytes = base::from_hex(text);
  if (!bytes || bytes->size() != services::field_key_size) {
    bytes = base::from_base64url(text);
  }
  if (!bytes || bytes->size() != services::field_key_size) {
    return base::fail(identity::errc::key_file_invalid);
  }
  return base::secret_bytes(*std::move(bytes));
}

base::result<> make_key_file(const std::string& path, base::random_source& random) {
  base::byte_vector bytes(services::field_key_size);
  random.fill(bytes);
  const base::secret_bytes made(std::move(bytes));
  return identity::store_secret_file(path, as_line(base::to_base64url(made.reveal())));
}

base::result<std::optional<base::secret_bytes>> load_secret_key(const backend_settings& chosen) {
  if (!chosen.secret_key.empty()) {
    return std::optional(chosen.secret_key);
  }
  if (chosen.secret_key_file.empty()) {
    return std::optional<base::secret_bytes>();
  }
  HTTVPS_TRY(const auto content, identity::load_secret_file(chosen.secret_key_file));
  HTTVPS_TRY(auto key, decode_key(content));
  return std::optional(std::move(key));
}

}

base::result<> ensure_secret_key(const backend_settings& chosen, base::random_source& random) {
  if (chosen.secret_key_file.empty() || !chosen.key_ring_file.empty()) {
    return {};
  }
  const auto present = identity::load_secret_file(chosen.secret_key_file);
  if (!present && present.error() == identity::errc::key_file_missing) {
    return make_key_file(chosen.secret_key_file, random);
  }
  return present ? base::result<>() : base::fail(present.error());
}

base::result<services::key_ring> load_key_ring(const backend_settings& chosen) {
  services::ring_parts parts{.keys = {}, .active = {}, .mode = chosen.sealing};
  if (!chosen.key_ring_file.empty()) {
    HTTVPS_TRY(auto file, load_ring_file(chosen.key_ring_file));
    parts.keys = std::move(file.keys);
    parts.active = std::move(file.active);
  }
  HTTVPS_TRY(auto single, load_secret_key(chosen));
  if (single) {
    auto id = services::derived_key_id(*single);
    if (parts.active.empty()) {
      parts.active = id;
    }
    parts.keys.push_back({.id = std::move(id), .key = *std::move(single)});
  }
  return services::key_ring::make(std::move(parts));
}

base::result<services::field_cipher> open_field_cipher(const backend_settings& chosen,
                                                       base::random_source& random) {
  HTTVPS_CHECK(ensure_secret_key(chosen, random));
  HTTVPS_TRY(auto ring, load_key_ring(chosen));
  return services::field_cipher::from_ring(std::move(ring));
}

base::result<std::optional<base::secret_bytes>> admin_token_file::load() {
  const auto content = identity::load_secret_file(path_);
  if (content) {
    return std::optional(base::secret_bytes::from_text(without_line_end(content->reveal_text())));
  }
  if (content.error() == identity::errc::key_file_missing) {
    return std::optional<base::secret_bytes>();
  }
  return base::fail(content.error());
}

base::result<> admin_token_file::save(const base::secret_bytes& token) {
  return identity::store_secret_file(path_, as_line(token.reveal_text()));
}

}
