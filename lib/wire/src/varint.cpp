#include "httvps/wire/varint.hpp"

#include <bit>
#include <cstring>

namespace httvps::wire {

std::size_t write_varint(base::byte_span out, std::uint64_t value) noexcept {
  const std::size_t size = varint_size(value);
  const auto prefix = static_cast<std::uint64_t>(std::countr_zero(size)) << (size * 8 - 2);
  const std::uint64_t tagged = value | prefix;
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<std::uint8_t>(tagged >> (8 * (size - 1 - i)));
  }
  return size;
}

std::optional<varint> read_varint(base::byte_view in) noexcept {
  if (in.empty()) {
    return std::nullopt;
  }
  const std::size_t size = std::size_t{1} << (in[0] >> 6U);
  if (in.size() < size) {
    return std::nullopt;
  }
  std::uint64_t value = in[0] & 0x3fU;
  for (std::size_t i = 1; i < size; ++i) {
    value = value << 8U | in[i];
  }
  return varint{value, size};
}

}
