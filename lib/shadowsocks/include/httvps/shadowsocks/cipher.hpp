#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/shadowsocks/errc.hpp"

namespace httvps::shadowsocks {

enum class cipher_method : std::uint8_t {
  chacha20_ietf_poly1305,
  aes_128_gcm,
  aes_256_gcm,
};

inline constexpr std::size_t cipher_method_count = 3;
inline constexpr std::size_t max_key_size = 32;
inline constexpr std::size_t max_salt_size = 32;
inline constexpr std::size_t tag_size = 16;
inline constexpr std::size_t nonce_size = 12;
inline constexpr std::size_t max_prefix_size = 16;
inline constexpr std::size_t min_random_salt_size = 8;

constexpr std::size_t key_size(cipher_method method) noexcept {
  return method == cipher_method::aes_128_gcm ? 16 : 32;
}

constexpr std::size_t salt_size(cipher_method method) noexcept {
  return key_size(method);
}

constexpr std::size_t prefix_limit(cipher_method method) noexcept {
  const std::size_t room = salt_size(method) - min_random_salt_size;
  return room < max_prefix_size ? room : max_prefix_size;
}

std::string_view name_of(cipher_method method) noexcept;
base::result<cipher_method> method_from_name(std::string_view name) noexcept;

class cipher_key {
 public:
  static base::result<cipher_key> from_bytes(cipher_method method, base::byte_view bytes) noexcept;
  cipher_key(const cipher_key&) = default;
  cipher_key& operator=(const cipher_key&) = default;
  ~cipher_key() { base::wipe(bytes_); }

  cipher_method method() const noexcept { return method_; }
  base::byte_view reveal() const noexcept {
    return base::byte_view(bytes_).first(key_size(method_));
  }
  friend bool operator==(const cipher_key& left, const cipher_key& right) noexcept {
    return left.method_ == right.method_ && base::equal_in_constant_time(left.bytes_, right.bytes_);
  }

 private:
  explicit cipher_key(cipher_method method) noexcept : method_(method) {}

  base::byte_array<max_key_size> bytes_{};
  cipher_method method_;
};

class salt {
 public:
  static base::result<salt> from_bytes(cipher_method method, base::byte_view bytes) noexcept;
  base::byte_view view() const noexcept { return base::byte_view(bytes_).first(size_); }

 private:
  salt() = default;

  base::byte_array<max_salt_size> bytes_{};
  std::uint8_t size_ = 0;
};

base::result<salt> make_salt(cipher_method method, base::byte_view prefix,
                             base::random_source& random);

base::result<cipher_key> derive_master_key(cipher_method method,
                                           const base::secret_bytes& password) noexcept;
base::result<cipher_key> derive_session_key(const cipher_key& master, const salt& with) noexcept;

}
