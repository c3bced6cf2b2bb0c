#include "httvps/backend/models/admin_token.hpp"

#include <algorithm>

namespace httvps::backend::models {

bool admin_token::is_usable(base::system_time now) const noexcept {
  if (revoked_at || now >= expires_at) {
    return false;
  }
  const bool may_rest = kind == admin_token_kind::token;
  return may_rest || now < last_used_at.value_or(created_at) + longest_idle_session;
}

bool covers_scope(const std::vector<std::string>& scopes, std::string_view wanted) noexcept {
  return scopes.empty() || wanted.empty() || std::ranges::find(scopes, wanted) != scopes.end();
}

bool covers_scopes(const std::vector<std::string>& scopes,
                   const std::vector<std::string>& wanted) noexcept {
  if (scopes.empty()) {
    return true;
  }
  return !wanted.empty() && std::ranges::all_of(wanted, [&](const std::string& one) {
    return covers_scope(scopes, one);
  });
}

}
