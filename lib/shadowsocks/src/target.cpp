#include "httvps/shadowsocks/target.hpp"

#include <array>

namespace httvps::shadowsocks {
namespace {

constexpr std::uint8_t ipv4_kind = 1;
constexpr std::uint8_t domain_kind = 3;
constexpr std::uint8_t ipv6_kind = 4;
constexpr std::size_t max_domain_size = 255;

bool is_encodable(const target& to) noexcept {
  if (to.port == 0) {
    return false;
  }
  const auto* name = std::get_if<std::string>(&to.host);
  return name == nullptr || (!name->empty() && name->size() <= max_domain_size);
}

}

base::result<encoded_target> encoded_target::from(const target& to) noexcept {
  if (!is_encodable(to)) {
    return base::fail(errc::malformed_target);
  }
  encoded_target encoded;
  if (const auto* name = std::get_if<std::string>(&to.host)) {
    encoded.put(std::array{domain_kind, static_cast<std::uint8_t>(name->size())});
    encoded.put(base::as_bytes(*name));
  } else if (const auto* ipv4 = std::get_if<ipv4_bytes>(&to.host)) {
    encoded.put(std::array{ipv4_kind});
    encoded.put(*ipv4);
  } else if (const auto* ipv6 = std::get_if<ipv6_bytes>(&to.host)) {
    encoded.put(std::array{ipv6_kind});
    encoded.put(*ipv6);
  }
  encoded.put(
      std::array{static_cast<std::uint8_t>(to.port >> 8U), static_cast<std::uint8_t>(to.port)});
  return encoded;
}

void encoded_target::put(base::byte_view bytes) noexcept {
  base::copy_bytes(base::byte_span(bytes_).subspan(size_), bytes);
  size_ = static_cast<std::uint16_t>(size_ + bytes.size());
}

}
