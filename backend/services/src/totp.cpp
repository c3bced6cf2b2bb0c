#include "httvps/backend/services/totp.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

namespace httvps::backend::services {
namespace {

constexpr std::string_view base32_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
constexpr std::size_t sha1_size = 20;

base::byte_array<8> big_endian(std::int64_t number) {
  base::byte_array<8> bytes{};
  const auto value = static_cast<std::uint64_t>(number);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::uint8_t>(value >> (8 * (7 - i)));
  }
  return bytes;
}

std::uint32_t truncated(const base::byte_array<sha1_size>& mac) {
  const std::size_t offset = mac.back() & 0x0fU;
  std::uint32_t value = mac[offset] & 0x7fU;
  for (std::size_t i = 1; i < 4; ++i) {
    value = (value << 8U) | mac[offset + i];
  }
  return value;
}

}

std::string to_base32(base::byte_view bytes) {
  std::string text;
  std::uint32_t pending = 0;
  unsigned bits = 0;
  for (const auto byte : bytes) {
    pending = (pending << 8U) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32_letters[(pending >> bits) & 31U];
    }
    pending &= (1U << bits) - 1U;
  }
  if (bits > 0) {
    text += base32_letters[(pending << (5 - bits)) & 31U];
  }
  return text;
}

std::int64_t totp_step_at(base::system_time now) noexcept {
  return base::to_unix_seconds(now) / totp_period.count();
}

std::string totp_code(const base::secret_bytes& secret, std::int64_t step, std::size_t digits) {
  const auto message = big_endian(step);
  base::byte_array<sha1_size> mac{};
  unsigned size = 0;
  HMAC(EVP_sha1(), secret.reveal().data(), static_cast<int>(secret.size()), message.data(),
       message.size(), mac.data(), &size);
  auto rest = truncated(mac);
  std::string code(digits, '0');
  for (std::size_t i = digits; i > 0; --i) {
    code[i - 1] = static_cast<char>('0' + static_cast<char>(rest % 10));
    rest /= 10;
  }
  return code;
}

std::optional<std::int64_t> matching_totp_step(const base::secret_bytes& secret,
                                               const totp_guess& guess) {
  const auto now = totp_step_at(guess.now);
  std::optional<std::int64_t> found;
  for (auto step = now - 1; step <= now + 1; ++step) {
    const auto code = totp_code(secret, step);
    const bool fits =
        base::equal_in_constant_time(base::as_bytes(code), base::as_bytes(guess.code));
    if (fits && step > guess.last_step) {
      found = step;
    }
  }
  return found;
}

}
