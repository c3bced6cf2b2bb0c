#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/shadowsocks/cipher.hpp"

namespace httvps::shadowsocks {

inline constexpr std::size_t max_access_key_size = 2048;

enum class key_issuer : std::uint8_t { unknown, outline };

struct access_key {
  cipher_method method = cipher_method::chacha20_ietf_poly1305;
  base::secret_bytes password;
  std::string host;
  std::uint16_t port = 0;
  base::byte_vector prefix;
  key_issuer issuer = key_issuer::unknown;
  std::string tag;

  friend bool operator==(const access_key&, const access_key&) = default;
};

base::result<access_key> parse_access_key(std::string_view uri);
base::secret_bytes to_uri(const access_key& key);

}
