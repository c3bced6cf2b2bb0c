#pragma once

#include <string>
#include <string_view>

#include "httvps/base/error.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t field_key_size = 32;
inline constexpr std::string_view sealed_prefix = "enc:v1:";

struct cell_name {
  std::string_view table;
  std::string_view column;
  std::string_view record;
};

class field_cipher {
 public:
  static base::result<field_cipher> from_key(base::secret_bytes key);

  const std::string& key_id() const noexcept { return key_id_; }
  std::string seal(const cell_name& cell, const base::secret_bytes& content,
                   base::random_source& random) const;
  base::result<base::secret_bytes> open(const cell_name& cell, std::string_view sealed) const;

 private:
  field_cipher(base::secret_bytes key, std::string key_id)
      : key_(std::move(key)), key_id_(std::move(key_id)) {}

  base::secret_bytes key_;
  std::string key_id_;
};

}
