#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::identity {

inline constexpr std::size_t key_size = 32;
inline constexpr std::size_t signature_size = 64;
inline constexpr std::size_t key_id_size = 16;

using signature = base::byte_array<signature_size>;

struct public_key {
  base::byte_array<key_size> bytes{};

  static base::result<public_key> from_bytes(base::byte_view bytes);
  static base::result<public_key> from_base64url(std::string_view text);
  std::string to_base64url() const;
  std::string key_id() const;
  auto operator<=>(const public_key&) const = default;
};

class signing_key {
 public:
  static signing_key generate(base::random_source& random);
  static base::result<signing_key> from_seed(const base::secret_bytes& seed);

  const public_key& public_part() const noexcept { return public_part_; }
  std::string key_id() const { return public_part_.key_id(); }
  signature sign(base::byte_view message) const;
  base::secret_bytes seed() const;

 private:
  signing_key(public_key public_part, base::secret_bytes expanded) noexcept
      : public_part_(public_part), expanded_(std::move(expanded)) {}

  public_key public_part_;
  base::secret_bytes expanded_;
};

struct signed_bytes {
  base::byte_view message;
  signature proof;
};

base::result<> verify_signature(const public_key& key, const signed_bytes& claimed);
base::result<signature> parse_signature(std::string_view base64url);

}
