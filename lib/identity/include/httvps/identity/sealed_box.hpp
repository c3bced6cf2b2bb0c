#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::identity {

inline constexpr std::size_t box_key_size = 32;
inline constexpr std::size_t sealed_box_overhead = 48;
inline constexpr std::size_t sealed_box_limit = 16384;

struct box_public_key {
  base::byte_array<box_key_size> bytes{};

  static base::result<box_public_key> from_base64url(std::string_view text);
  std::string to_base64url() const;
  auto operator<=>(const box_public_key&) const = default;
};

class box_key {
 public:
  static box_key generate(base::random_source& random);
  static base::result<box_key> from_secret(base::secret_bytes secret);

  const box_public_key& public_part() const noexcept { return public_part_; }
  const base::secret_bytes& secret() const noexcept { return secret_; }
  base::result<base::secret_bytes> open(base::byte_view sealed) const;

 private:
  box_key(box_public_key public_part, base::secret_bytes secret) noexcept
      : public_part_(public_part), secret_(std::move(secret)) {}

  box_public_key public_part_;
  base::secret_bytes secret_;
};

base::result<base::byte_vector> seal_to(const box_public_key& recipient,
                                        const base::secret_bytes& content,
                                        base::random_source& random);

}
