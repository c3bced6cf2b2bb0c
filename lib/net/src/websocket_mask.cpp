#include <cstring>

#include "httvps/net/websocket.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t word_size = sizeof(std::uint64_t);

std::uint64_t widen(const websocket_mask& mask, std::size_t phase) noexcept {
  base::byte_array<word_size> bytes;
  for (std::size_t index = 0; index < word_size; ++index) {
    bytes[index] = mask[(index + phase) & 3U];
  }
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), word_size);
  return word;
}

void mask_into(std::uint8_t* to, base::byte_view from, const websocket_mask& mask,
               std::size_t phase) noexcept {
  const auto key = widen(mask, phase);
  const auto wide = from.size() & ~(word_size - 1);
  for (std::size_t index = 0; index < wide; index += word_size) {
    std::uint64_t word = 0;
    std::memcpy(&word, from.data() + index, word_size);
    word ^= key;
    std::memcpy(to + index, &word, word_size);
  }
  for (std::size_t index = wide; index < from.size(); ++index) {
    to[index] = static_cast<std::uint8_t>(from[index] ^ mask[(index + phase) & 3U]);
  }
}

}

void apply_mask(base::byte_span bytes, const websocket_mask& mask, std::size_t phase) noexcept {
  mask_into(bytes.data(), bytes, mask, phase);
}

void copy_masked(base::byte_span to, base::byte_view from, const websocket_mask& mask) noexcept {
  mask_into(to.data(), from, mask, 0);
}

}
