#pragma once

#include <cstddef>
#include <cstdint>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::cli {

inline constexpr std::uint8_t socks_ipv4_type = 1;
inline constexpr std::uint8_t socks_domain_type = 3;
inline constexpr std::uint8_t socks_ipv6_type = 4;
inline constexpr std::size_t socks_port_size = 2;
inline constexpr std::size_t longest_socks_address = 1 + 1 + 255 + socks_port_size;

struct socks_address {
  wire::target target;
  std::size_t size = 0;
};

std::uint16_t port_of(const wire::target& target) noexcept;
base::result<socks_address> decode_address(base::byte_view bytes);
base::result<std::size_t> encode_address(const wire::target& target, base::byte_span out);

}
