#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/shadowsocks/cipher.hpp"

namespace httvps::node {

inline constexpr std::size_t keys_most = 4096;
inline constexpr std::size_t key_id_most = 64;
inline constexpr std::size_t key_secret_least = 8;
inline constexpr std::size_t key_secret_most = 256;

struct node_key {
  std::string id;
  std::uint64_t generation = 0;
  shadowsocks::cipher_method method = shadowsocks::cipher_method::chacha20_ietf_poly1305;
  base::secret_bytes secret;
};

struct wanted_keys {
  std::uint64_t revision = 0;
  std::string node_id;
  std::string region;
  std::vector<node_key> keys;
};

bool is_key_id(std::string_view text) noexcept;
bool is_key_secret(std::string_view text) noexcept;
base::result<void> check(const wanted_keys& wanted);
bool is_wanted(const wanted_keys& wanted, std::string_view key_id) noexcept;

}
