#pragma once

#include <string>
#include <string_view>

#include "httvps/base/random.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::services {

inline constexpr std::string_view admin_token_prefix = "htv_";
inline constexpr std::string_view gateway_credential_prefix = "htg_";
inline constexpr std::string_view node_credential_prefix = "htn_";
inline constexpr std::string_view join_token_prefix = "htj_";

struct issued_secret {
  base::secret_bytes text;
  std::string hash;
};

issued_secret issue_secret(std::string_view prefix, base::random_source& random);
bool is_issued_secret(std::string_view prefix, std::string_view text) noexcept;
std::string hash_secret(std::string_view text);
bool equal_hashes(std::string_view left, std::string_view right) noexcept;
std::string random_word(std::size_t letters, base::random_source& random);

}
