#include "httvps/backend/models/admin_token.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::models {
namespace {

using namespace std::chrono_literals;

const base::system_time start = base::from_unix_seconds(1'800'000'000);

admin_token made(admin_token_kind kind) {
  return {.kind = kind, .created_at = start, .expires_at = start + longest_session};
}

TEST(AdminRole, EachReachesWhatIsBelowIt) {
  EXPECT_TRUE(reaches(admin_role::admin, admin_role::support));
  EXPECT_TRUE(reaches(admin_role::support, admin_role::support));
  EXPECT_TRUE(reaches(admin_role::support, admin_role::read_only));
  EXPECT_FALSE(reaches(admin_role::support, admin_role::admin));
  EXPECT_FALSE(reaches(admin_role::read_only, admin_role::support));
}

TEST(AdminToken, EndsAtItsTimeAndWhenRevoked) {
  auto token = made(admin_token_kind::token);
  EXPECT_TRUE(token.is_usable(start + longest_session - 1s));
  EXPECT_FALSE(token.is_usable(start + longest_session));
  token.revoked_at = start;
  EXPECT_FALSE(token.is_usable(start));
}

TEST(AdminToken, SessionEndsAfterHalfAnHourWithoutUse) {
  auto session = made(admin_token_kind::session);
  EXPECT_TRUE(session.is_usable(start + 29min));
  EXPECT_FALSE(session.is_usable(start + 30min));
  session.last_used_at = start + 29min;
  EXPECT_TRUE(session.is_usable(start + 58min));
  EXPECT_FALSE(session.is_usable(start + 59min));
  session.last_used_at = start + 12h - 1min;
  EXPECT_FALSE(session.is_usable(start + 12h));
}

TEST(AdminToken, NoScopesMeanAllAndOthersOnlyThemselves) {
  EXPECT_TRUE(covers_scope({}, "users:write"));
  EXPECT_TRUE(covers_scope({"users:read"}, "users:read"));
  EXPECT_FALSE(covers_scope({"users:read"}, "users:write"));
  EXPECT_TRUE(covers_scope({"users:read"}, ""));
}

TEST(AdminToken, ScopesPassOnNoMoreThanThereIs) {
  EXPECT_TRUE(covers_scopes({}, {}));
  EXPECT_TRUE(covers_scopes({}, {"users:read"}));
  EXPECT_TRUE(covers_scopes({"users:read", "nodes:read"}, {"nodes:read"}));
  EXPECT_FALSE(covers_scopes({"users:read"}, {"users:read", "nodes:read"}));
  EXPECT_FALSE(covers_scopes({"users:read"}, {}));
}

}
}
