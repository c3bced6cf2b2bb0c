#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "httvps/base/bytes.hpp"

namespace httvps::wire {

inline constexpr std::uint64_t varint_most = (std::uint64_t{1} << 62U) - 1;
inline constexpr std::size_t varint_size_most = 8;

constexpr std::size_t varint_size(std::uint64_t value) noexcept {
  if (value < 64) {
    return 1;
  }
  if (value < 16384) {
    return 2;
  }
  return value < (std::uint64_t{1} << 30U) ? 4 : 8;
}

std::size_t write_varint(base::byte_span out, std::uint64_t value) noexcept;

struct varint {
  std::uint64_t value = 0;
  std::size_t size = 0;
};

std::optional<varint> read_varint(base::byte_view in) noexcept;

}
