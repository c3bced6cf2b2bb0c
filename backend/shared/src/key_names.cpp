#include "httvps/backend/shared/key_names.hpp"

#include <sodium.h>

#include "httvps/base/encoding.hpp"

namespace httvps::backend::shared {
namespace {

constexpr std::size_t digest_size = 16;
constexpr std::string_view prefix = "httvps:";

}

std::string key_names::digest(std::initializer_list<std::string_view> parts) const {
  crypto_generichash_state state;
  const auto key = key_.reveal();
  crypto_generichash_init(&state, key.data(), key.size(), digest_size);
  for (const auto part : parts) {
    const auto bytes = base::as_bytes(part);
    crypto_generichash_update(&state, bytes.data(), bytes.size());
    const unsigned char end = 0;
    crypto_generichash_update(&state, &end, sizeof(end));
  }
  base::byte_array<digest_size> made{};
  crypto_generichash_final(&state, made.data(), made.size());
  return base::to_hex(made);
}

std::string key_names::name(std::string_view kind,
                            std::initializer_list<std::string_view> parts) const {
  return std::string(prefix).append(kind).append(":").append(digest(parts));
}

}
