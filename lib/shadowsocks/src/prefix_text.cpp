#include "prefix_text.hpp"

#include "httvps/base/encoding.hpp"

namespace httvps::shadowsocks {
namespace {

constexpr std::uint8_t first_two_byte_value = 0x80;
constexpr std::uint8_t first_two_byte_lead = 0xc2;
constexpr std::uint8_t last_latin1_lead = 0xc3;

}

base::result<base::byte_vector> prefix_from_text(std::string_view text) {
  const auto decoded = base::percent_decode(text);
  if (!decoded || !base::is_valid_utf8(*decoded)) {
    return base::fail(errc::malformed_prefix);
  }
  base::byte_vector prefix;
  const auto bytes = base::as_bytes(*decoded);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] < first_two_byte_value) {
      prefix.push_back(bytes[i]);
      continue;
    }
    if (bytes[i] > last_latin1_lead) {
      return base::fail(errc::malformed_prefix);
    }
    const auto lead = static_cast<unsigned>(bytes[i++] - first_two_byte_lead);
    prefix.push_back(static_cast<std::uint8_t>(lead * 64 + bytes[i]));
  }
  return prefix;
}

std::string prefix_to_text(base::byte_view prefix) {
  std::string utf8;
  for (const auto byte : prefix) {
    if (byte < first_two_byte_value) {
      utf8.push_back(static_cast<char>(byte));
      continue;
    }
    utf8.push_back(static_cast<char>(first_two_byte_lead + (byte >= 0xc0 ? 1 : 0)));
    utf8.push_back(static_cast<char>(byte & 0xbfU));
  }
  return base::percent_encode(utf8);
}

}
