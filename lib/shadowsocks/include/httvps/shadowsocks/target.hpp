#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "httvps/base/bytes.hpp"
#include "httvps/shadowsocks/errc.hpp"

namespace httvps::shadowsocks {

using ipv4_bytes = base::byte_array<4>;
using ipv6_bytes = base::byte_array<16>;

struct target {
  std::variant<std::string, ipv4_bytes, ipv6_bytes> host;
  std::uint16_t port = 0;

  friend bool operator==(const target&, const target&) = default;
};

inline constexpr std::size_t max_encoded_target_size = 1 + 1 + 255 + 2;

class encoded_target {
 public:
  static base::result<encoded_target> from(const target& to) noexcept;
  base::byte_view view() const noexcept { return base::byte_view(bytes_).first(size_); }

 private:
  encoded_target() = default;
  void put(base::byte_view bytes) noexcept;

  base::byte_array<max_encoded_target_size> bytes_;
  std::uint16_t size_ = 0;
};

struct decoded_target {
  target to;
  std::size_t size = 0;
};

base::result<decoded_target> decode_target(base::byte_view bytes);

}
