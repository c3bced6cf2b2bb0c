#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/models/administration.hpp"

namespace httvps::backend::models {

inline constexpr std::chrono::minutes longest_idle_session{30};
inline constexpr std::chrono::hours longest_session{12};

inline constexpr std::string_view operations_scope = "ops:write";

enum class admin_token_kind { token, session };
BOOST_DESCRIBE_ENUM(admin_token_kind, token, session)

struct admin_token {
  admin_token_id id = {};
  admin_token_kind kind = admin_token_kind::token;
  admin_id owner = {};
  std::string name = {};
  std::string hash = {};
  admin_role role = admin_role::read_only;
  std::vector<std::string> scopes = {};
  base::system_time created_at = {};
  base::system_time expires_at = {};
  std::optional<base::system_time> last_used_at = {};
  std::optional<base::system_time> revoked_at = {};

  bool is_usable(base::system_time now) const noexcept;
};

bool covers_scope(const std::vector<std::string>& scopes, std::string_view wanted) noexcept;
bool covers_scopes(const std::vector<std::string>& scopes,
                   const std::vector<std::string>& wanted) noexcept;

}
