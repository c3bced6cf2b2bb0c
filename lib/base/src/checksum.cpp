#include "httvps/base/checksum.hpp"

#include <array>

namespace httvps::base {
namespace {

constexpr std::uint32_t reflected_polynomial = 0x82f63b78;
constexpr std::uint32_t all_ones = 0xffffffff;

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t value = 0; value < table.size(); ++value) {
    auto rest = value;
    for (int bit = 0; bit < 8; ++bit) {
      rest = (rest & 1U) != 0 ? (rest >> 1U) ^ reflected_polynomial : rest >> 1U;
    }
    table[value] = rest;
  }
  return table;
}

constexpr auto table = make_table();

}

std::uint32_t crc32c(byte_view bytes) noexcept {
  auto sum = all_ones;
  for (const auto byte : bytes) {
    sum = table[(sum ^ byte) & 0xffU] ^ (sum >> 8U);
  }
  return ~sum;
}

}
