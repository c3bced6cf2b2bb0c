#include "httvps/backend/core/key_files.hpp"

#include "httvps/base/encoding.hpp"
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
  auto content = base::secret_bytes::from_text(line);
  base::wipe({reinterpret_cast<std::uint8_t*>(line.data()), line.size()});
  return content;
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

base::result<base::secret_bytes> load_or_make_key(const std::string& path,
                                                  base::random_source& random) {
  const auto present = identity::load_secret_file(path);
  if (present) {
    return decode_key(*present);
  }
  if (present.error() != identity::errc::key_file_missing) {
    return base::fail(present.error());
  }
  base::byte_vector bytes(services::field_key_size);
  random.fill(bytes);
  base::secret_bytes made(std::move(bytes));
  HTTVPS_CHECK(identity::store_secret_file(path, as_line(base::to_base64url(made.reveal()))));
  return made;
}

}

base::result<services::field_cipher> open_field_cipher(const backend_settings& chosen,
                                                       base::random_source& random) {
  if (!chosen.secret_key.empty()) {
    return services::field_cipher::from_key(chosen.secret_key);
  }
  HTTVPS_TRY(auto key, load_or_make_key(chosen.secret_key_file, random));
  return services::field_cipher::from_key(std::move(key));
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
