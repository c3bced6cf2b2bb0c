#include "socks/socks5_datagram.hpp"

#include <algorithm>
#include <utility>

#include "errc.hpp"

namespace httvps::cli {
namespace {

constexpr std::size_t reserved_size = 2;
constexpr std::size_t fixed_part = reserved_size + 1;

}

base::result<socks_datagram> decode_datagram(base::byte_view bytes) {
  if (bytes.size() < fixed_part || bytes[0] != 0 || bytes[1] != 0) {
    return base::fail(errc::request_malformed);
  }
  if (bytes[reserved_size] != 0) {
    return base::fail(errc::fragment_unsupported);
  }
  HTTVPS_TRY(auto address, decode_address(bytes.subspan(fixed_part)));
  if (port_of(address.target) == 0) {
    return base::fail(errc::request_malformed);
  }
  return socks_datagram{.target = std::move(address.target),
                        .payload = bytes.subspan(fixed_part + address.size)};
}

base::result<base::byte_view> encode_datagram(const socks_datagram& datagram, base::byte_span out) {
  if (out.size() < fixed_part) {
    return base::fail(base::errc::limit_reached);
  }
  std::ranges::fill(out.first(fixed_part), std::uint8_t{0});
  HTTVPS_TRY(const auto size, encode_address(datagram.target, out.subspan(fixed_part)));
  const auto head = fixed_part + size;
  if (out.size() - head < datagram.payload.size()) {
    return base::fail(base::errc::limit_reached);
  }
  base::copy_bytes(out.subspan(head), datagram.payload);
  return base::byte_view(out).first(head + datagram.payload.size());
}

}
