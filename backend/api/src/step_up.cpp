#include "step_up.hpp"

#include <algorithm>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::api {
namespace {

constexpr std::string_view guarded_areas[] = {"/api/v1/admin/admins", "/api/v1/admin/keys",
                                              "/api/v1/admin/me/totp", "/api/v1/admin/settings",
                                              "/api/v1/admin/tokens"};
constexpr std::string_view guarded_calls[] = {"/api/v1/admin/gateways/{id}:approve",
                                              "/api/v1/admin/gateways/{id}:release"};
constexpr std::string_view taking_back = ":revoke";

bool is_session(const services::admin_actor& actor) noexcept {
  return actor.token && actor.token->kind == models::admin_token_kind::session;
}

}

bool needs_recent_login(const route& one) {
  const bool is_guarded = std::ranges::any_of(guarded_areas, [&](std::string_view area) {
    const auto rest =
        std::string_view(one.pattern).substr(std::min(area.size(), one.pattern.size()));
    return one.pattern.starts_with(area) && (rest.empty() || rest[0] == '/' || rest[0] == ':');
  });
  const bool takes_back = one.pattern.ends_with(taking_back);
  const bool is_guarded_call =
      std::ranges::find(guarded_calls, one.pattern) != std::ranges::end(guarded_calls);
  return is_guarded_call || (is_guarded && one.method != "GET" && !takes_back);
}

answer<void> require_recent_login(const services::admin_actor& actor, base::system_time now) {
  if (is_session(actor) && now - actor.token->created_at > login_counts_as_recent) {
    return std::unexpected(problem(services::errc::step_up_needed));
  }
  return {};
}

}
