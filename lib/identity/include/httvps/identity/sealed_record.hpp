#pragma once

#include <string_view>
#include <utility>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::identity {

inline constexpr std::size_t record_key_size = 32;
inline constexpr std::size_t sealed_record_overhead = 40;

struct sealed_content {
  base::byte_view bytes;
  base::byte_view bound_to;
};

class record_key {
 public:
  static base::result<record_key> derive(const base::secret_bytes& secret, std::string_view label);

  base::byte_vector seal(const sealed_content& content, base::random_source& random) const;
  base::result<base::secret_bytes> open(const sealed_content& sealed) const;
  const base::secret_bytes& secret() const noexcept { return secret_; }

 private:
  explicit record_key(base::secret_bytes secret) noexcept : secret_(std::move(secret)) {}

  base::secret_bytes secret_;
};

}
