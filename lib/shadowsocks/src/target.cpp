#include "httvps/shadowsocks/target.hpp"

#include <array>

namespace httvps::shadowsocks {
namespace {

constexpr std::uint8_t ipv4_kind = 1;
constexpr std::uint8_t domain_kind = 3;
constexpr std::uint8_t ipv6_kind = 4;
constexpr std::size_t max_domain_size = 255;
constexpr std::size_t port_size = 2;

bool is_encodable(const target& to) noexcept {
  if (to.port == 0) {
    return false;
  }
  const auto* name = std::get_if<std::string>(&to.host);
  return name == nullptr || (!name->empty() && name->size() <= max_domain_size);
}

struct host_place {
  std::size_t start = 1;
  std::size_t size = 0;
};

base::result<host_place> find_host(base::byte_view bytes) noexcept {
  const auto kind = bytes.empty() ? std::uint8_t{0} : bytes.front();
  if (kind == ipv4_kind || kind == ipv6_kind) {
    return host_place{.size = kind == ipv4_kind ? sizeof(ipv4_bytes) : sizeof(ipv6_bytes)};
  }
  if (kind == domain_kind && bytes.size() > 1 && bytes[1] > 0) {
    return host_place{.start = 2, .size = bytes[1]};
  }
  return base::fail(errc::malformed_target);
}

template <typename Address>
Address address_of(base::byte_view bytes) noexcept {
  Address address;
  base::copy_bytes(address, bytes);
  return address;
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

base::result<decoded_target> decode_target(base::byte_view bytes) {
  HTTVPS_TRY(const auto place, find_host(bytes));
  const auto size = place.start + place.size + port_size;
  if (bytes.size() < size) {
    return base::fail(errc::malformed_target);
  }
  const auto port = bytes.subspan(place.start + place.size, port_size);
  decoded_target found{
      .to = {.host = {}, .port = static_cast<std::uint16_t>(port[0] << 8U | port[1])},
      .size = size};
  if (found.to.port == 0) {
    return base::fail(errc::malformed_target);
  }
  const auto host = bytes.subspan(place.start, place.size);
  if (bytes.front() == domain_kind) {
    found.to.host = std::string(base::as_text(host));
  } else if (bytes.front() == ipv4_kind) {
    found.to.host = address_of<ipv4_bytes>(host);
  } else {
    found.to.host = address_of<ipv6_bytes>(host);
  }
  return found;
}

}
