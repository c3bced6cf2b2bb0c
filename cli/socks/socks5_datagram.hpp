#pragma once

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/wire/types.hpp"
#include "socks/socks5_address.hpp"

namespace httvps::cli {

inline constexpr std::size_t socks_datagram_head_most = 3 + longest_socks_address;

struct socks_datagram {
  wire::target target;
  base::byte_view payload;
};

base::result<socks_datagram> decode_datagram(base::byte_view bytes);
base::result<base::byte_view> encode_datagram(const socks_datagram& datagram, base::byte_span out);

}
