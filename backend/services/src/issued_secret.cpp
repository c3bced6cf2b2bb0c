#include "httvps/backend/services/issued_secret.hpp"

#include <sodium.h>

#include <algorithm>
#include <boost/crc.hpp>

#include "httvps/base/encoding.hpp"
#include "httvps/base/secret_text.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t random_digits = 30;
constexpr std::size_t check_digits = 6;

std::string check_of(std::string_view text) {
  boost::crc_32_type crc;
  crc.process_bytes(text.data(), text.size());
  std::uint32_t rest = crc.checksum();
  std::string check(check_digits, digits.front());
  for (std::size_t i = check_digits; i > 0; --i) {
    check[i - 1] = digits[rest % digits.size()];
    rest /= static_cast<std::uint32_t>(digits.size());
  }
  return check;
}

}

issued_secret issue_secret(std::string_view prefix, base::random_source& random) {
  std::string text(prefix);
  for (std::size_t i = 0; i < random_digits; ++i) {
    text += digits[random.below(digits.size())];
  }
  text += check_of(text);
  auto hash = hash_secret(text);
  return {.text = base::take_text(text), .hash = std::move(hash)};
}

bool is_issued_secret(std::string_view prefix, std::string_view text) noexcept {
  if (!text.starts_with(prefix) || text.size() != prefix.size() + random_digits + check_digits) {
    return false;
  }
  const auto checked = text.substr(0, text.size() - check_digits);
  return check_of(checked) == text.substr(checked.size());
}

std::string hash_secret(std::string_view text) {
  base::byte_array<crypto_hash_sha256_BYTES> digest{};
  const auto bytes = base::as_bytes(text);
  crypto_hash_sha256(digest.data(), bytes.data(), bytes.size());
  return base::to_base64url(digest);
}

bool equal_hashes(std::string_view left, std::string_view right) noexcept {
  return base::equal_in_constant_time(base::as_bytes(left), base::as_bytes(right));
}

std::string random_word(std::size_t letters, base::random_source& random) {
  std::string word(letters, 'a');
  std::ranges::generate(
      word, [&random] { return static_cast<char>('a' + static_cast<char>(random.below(26))); });
  return word;
}

}
