#include "httvps/backend/models/id.hpp"

#include <algorithm>
#include <cstdint>

#include "httvps/base/bytes.hpp"

namespace httvps::backend::models {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

using uuid_bytes = base::byte_array<16>;

uuid_bytes make_uuid_v7(base::system_time now, base::random_source& random) {
  auto bytes = random.take<16>();
  const auto milliseconds = static_cast<std::uint64_t>(base::to_unix_milliseconds(now));
  for (std::size_t i = 0; i < 6; ++i) {
    bytes[i] = static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
  }
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x70U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
  return bytes;
}

std::string encode_base32(const uuid_bytes& bytes) {
  std::string text(id_digits, '0');
  std::size_t next = 0;
  std::uint32_t pending = 0;
  int pending_bits = 2;
  for (const auto byte : bytes) {
    pending = (pending << 8U) | byte;
    pending_bits += 8;
    while (pending_bits >= 5) {
      pending_bits -= 5;
      text[next++] = alphabet[(pending >> pending_bits) & 31U];
    }
    pending &= (1U << pending_bits) - 1U;
  }
  return text;
}

}

std::string make_id_text(id_kind kind, base::system_time now, base::random_source& random) {
  return std::string(prefix_of(kind)) + encode_base32(make_uuid_v7(now, random));
}

bool is_id_text(id_kind kind, std::string_view text) noexcept {
  const auto prefix = prefix_of(kind);
  if (!text.starts_with(prefix) || text.size() != prefix.size() + id_digits) {
    return false;
  }
  const auto digits = text.substr(prefix.size());
  return digits.front() <= '7' && std::ranges::all_of(digits, [](char digit) {
           return alphabet.find(digit) != std::string_view::npos;
         });
}

}
