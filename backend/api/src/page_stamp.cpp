#include "page_stamp.hpp"

#include <sodium.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::backend::api {
namespace {

constexpr std::size_t stamp_size = 9;

void count_in(crypto_hash_sha256_state& state, std::string_view part) {
  const auto bytes = base::as_bytes(part);
  crypto_hash_sha256_update(&state, bytes.data(), bytes.size());
  constexpr std::uint8_t end = 0;
  crypto_hash_sha256_update(&state, &end, sizeof(end));
}

}

page_stamp::page_stamp(const call& made) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  count_in(state, made.path);
  for (const auto& [name, value] : made.query) {
    if (name != "page_size" && name != "page_token") {
      count_in(state, name);
      count_in(state, value);
    }
  }
  base::byte_array<crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256_final(&state, digest.data());
  text_ = base::to_base64url(base::byte_view(digest).first(stamp_size));
}

answer<void> page_stamp::take_from(std::optional<schemas::page_token>& token) const {
  if (!token || token->value.empty()) {
    return {};
  }
  if (!token->value.starts_with(text_)) {
    return std::unexpected(problem(services::errc::page_token_invalid));
  }
  token->value.erase(0, text_.size());
  return {};
}

void page_stamp::put_on(schemas::page_token& token) const {
  if (!token.value.empty()) {
    token.value.insert(0, text_);
  }
}

}
