#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace httvps::base {

using byte_view = std::span<const std::uint8_t>;
using byte_span = std::span<std::uint8_t>;
using byte_vector = std::vector<std::uint8_t>;
template <std::size_t Size>
using byte_array = std::array<std::uint8_t, Size>;

using byte_count = std::uint64_t;

inline constexpr byte_count kibibyte = 1024;
inline constexpr byte_count mebibyte = 1024 * kibibyte;
inline constexpr byte_count gibibyte = 1024 * mebibyte;

inline byte_view as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(byte_view bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline void copy_bytes(byte_span to, byte_view from) noexcept {
  if (!from.empty()) {
    std::memcpy(to.data(), from.data(), from.size());
  }
}

inline void append(byte_vector& to, byte_view from) {
  const auto start = to.size();
  to.resize(start + from.size());
  copy_bytes(byte_span(to).subspan(start), from);
}

}
