#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/backend/services/key_ring.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::services {

inline constexpr std::string_view sealed_prefix = "enc:v1:";
inline constexpr std::string_view clear_prefix = "clear:v1:";

struct cell_name {
  std::string_view table;
  std::string_view column;
  std::string_view record;
};

std::string sealed_head(std::string_view key_id);
std::optional<std::string_view> key_id_in(std::string_view stored) noexcept;

class field_cipher {
 public:
  static base::result<field_cipher> from_key(base::secret_bytes key);
  static field_cipher from_ring(key_ring ring);

  std::shared_ptr<const key_ring> ring() const;
  std::string key_id() const { return ring()->active(); }
  void replace(key_ring ring) const;
  std::string seal(const cell_name& cell, const base::secret_bytes& content,
                   base::random_source& random) const;
  base::result<base::secret_bytes> open(const cell_name& cell, std::string_view sealed) const;

 private:
  struct shared;
  explicit field_cipher(std::shared_ptr<shared> kept) noexcept : shared_(std::move(kept)) {}

  std::shared_ptr<shared> shared_;
};

}
