#pragma once

#include <boost/describe/enum.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t field_key_size = 32;
inline constexpr std::size_t most_ring_keys = 16;
inline constexpr std::size_t longest_key_name = 32;
inline constexpr std::string_view clear_key_id = "clear";

enum class sealing_mode { off, migration, required };
BOOST_DESCRIBE_ENUM(sealing_mode, off, migration, required)

struct named_key {
  std::string id;
  base::secret_bytes key;
};

struct ring_parts {
  std::vector<named_key> keys;
  std::string active;
  sealing_mode mode = sealing_mode::required;
};

bool is_key_name(std::string_view id) noexcept;
std::string derived_key_id(const base::secret_bytes& key);

class key_ring {
 public:
  static base::result<key_ring> make(ring_parts parts);

  const std::string& active() const noexcept { return parts_.active; }
  sealing_mode mode() const noexcept { return parts_.mode; }
  std::vector<std::string> ids() const;
  const base::secret_bytes* find(std::string_view id) const noexcept;

 private:
  explicit key_ring(ring_parts parts) noexcept : parts_(std::move(parts)) {}

  ring_parts parts_;
};

}
