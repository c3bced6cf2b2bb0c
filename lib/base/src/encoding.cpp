#include "httvps/base/encoding.hpp"

#include <sodium.h>

#include <algorithm>

namespace httvps::base {
namespace {

std::string encode_base64(byte_view bytes, int variant) {
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(), variant);
  text.pop_back();
  return text;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(as_bytes(text), [](std::uint8_t byte) { return byte < 0x80; });
}

result<byte_vector> decode_base64(std::string_view text, int variant) {
  if (!is_ascii(text)) {
    return fail(errc::invalid_encoding);
  }
  byte_vector bytes(text.size() / 4 * 3 + 3);
  std::size_t written = 0;
  const char* end = nullptr;
  const int status = sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(),
                                       nullptr, &written, &end, variant);
  if (status != 0 || end != text.data() + text.size()) {
    return fail(errc::invalid_encoding);
  }
  bytes.resize(written);
  return bytes;
}

bool is_unreserved(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9') || letter == '-' || letter == '.' || letter == '_' ||
         letter == '~';
}

int hex_digit(char letter) {
  if (letter >= '0' && letter <= '9') {
    return letter - '0';
  }
  if (letter >= 'a' && letter <= 'f') {
    return letter - 'a' + 10;
  }
  if (letter >= 'A' && letter <= 'F') {
    return letter - 'A' + 10;
  }
  return -1;
}

std::size_t utf8_sequence_length(std::uint8_t lead) {
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xc2 && lead <= 0xdf) {
    return 2;
  }
  if ((lead & 0xf0U) == 0xe0) {
    return 3;
  }
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

bool second_byte_fits(std::uint8_t lead, std::uint8_t second) {
  switch (lead) {
    case 0xe0:
      return second >= 0xa0;
    case 0xed:
      return second <= 0x9f;
    case 0xf0:
      return second >= 0x90;
    case 0xf4:
      return second <= 0x8f;
    default:
      return true;
  }
}

bool is_continuation(std::uint8_t byte) {
  return (byte & 0xc0U) == 0x80;
}

}

std::string to_hex(byte_view bytes) {
  std::string text(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
  text.pop_back();
  return text;
}

result<byte_vector> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) {
    return fail(errc::invalid_encoding);
  }
  byte_vector bytes(text.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = hex_digit(text[2 * i]);
    const int low = hex_digit(text[2 * i + 1]);
    if (high < 0 || low < 0) {
      return fail(errc::invalid_encoding);
    }
    bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return bytes;
}

std::string to_base64url(byte_view bytes) {
  return encode_base64(bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

result<byte_vector> from_base64url(std::string_view text) {
  return decode_base64(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::string to_base64(byte_view bytes) {
  return encode_base64(bytes, sodium_base64_VARIANT_ORIGINAL);
}

result<byte_vector> from_base64(std::string_view text) {
  return decode_base64(text, sodium_base64_VARIANT_ORIGINAL);
}

std::string percent_encode(std::string_view text) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char letter : text) {
    if (is_unreserved(letter)) {
      encoded.push_back(letter);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(letter);
    encoded.push_back('%');
    encoded.push_back(digits[byte >> 4U]);
    encoded.push_back(digits[byte & 15U]);
  }
  return encoded;
}

result<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) {
      return fail(errc::invalid_encoding);
    }
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) {
      return fail(errc::invalid_encoding);
    }
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

bool is_valid_utf8(std::string_view text) noexcept {
  const auto bytes = as_bytes(text);
  for (std::size_t i = 0; i < bytes.size();) {
    const auto length = utf8_sequence_length(bytes[i]);
    if (length == 0 || i + length > bytes.size()) {
      return false;
    }
    for (std::size_t j = 1; j < length; ++j) {
      if (!is_continuation(bytes[i + j])) {
        return false;
      }
    }
    if (length > 1 && !second_byte_fits(bytes[i], bytes[i + 1])) {
      return false;
    }
    i += length;
  }
  return true;
}

}
