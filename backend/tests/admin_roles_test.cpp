#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>

#include "httvps/backend/models/enum_text.hpp"
#include "support/api_world.hpp"

namespace httvps::backend::api {
namespace {

using models::admin_role;
using test_support::api_reply;
using test_support::api_world;

constexpr admin_role every_role[] = {admin_role::read_only, admin_role::support, admin_role::admin};
constexpr std::string_view login_pattern = "/api/v1/admin/login";

std::string target_of(const route_summary& one) {
  auto target = one.pattern;
  if (const auto mark = target.find("{id}"); mark != std::string::npos) {
    target.replace(mark, 4, "x_0");
  }
  return target;
}

bool is_admin_route(const route_summary& one) {
  return one.pattern.starts_with("/api/v1/admin/") && one.pattern != login_pattern;
}

class AdminRoles : public ::testing::Test {
 protected:
  api_reply ask(const route_summary& one, const std::string& token) {
    return world.call({.method = one.method,
                       .target = target_of(one),
                       .token = token,
                       .body = one.method == "GET" ? "" : "{}"});
  }

  api_world world;
};

TEST_F(AdminRoles, EveryRouteOfTheRouterAdmitsWhoReachesItsRoleAndNobodyElse) {
  std::size_t denied = 0;
  std::size_t admitted = 0;
  for (const auto& one : world.api.routes()) {
    if (!is_admin_route(one)) {
      EXPECT_FALSE(one.least_role) << one.pattern;
      continue;
    }
    ASSERT_TRUE(one.least_role) << one.method << one.pattern;
    for (const auto role : every_role) {
      const auto reply = ask(one, world.token_of(role));
      if (models::reaches(role, *one.least_role)) {
        EXPECT_NE(reply.status, 403) << one.method << one.pattern << reply.body;
        EXPECT_NE(reply.status, 401) << one.method << one.pattern << reply.body;
        ++admitted;
      } else {
        EXPECT_EQ(reply.status, 403) << one.method << one.pattern << reply.body;
        EXPECT_EQ(reply.code(), "role_denied") << one.method << one.pattern;
        ++denied;
      }
    }
  }
  EXPECT_GE(admitted, 30U);
  EXPECT_GE(denied, 10U);
}

TEST_F(AdminRoles, NoRouteAnswersWithoutACredential) {
  for (const auto& one : world.api.routes()) {
    if (is_admin_route(one)) {
      const auto reply = ask(one, "");
      EXPECT_EQ(reply.status, 401) << one.method << one.pattern;
      EXPECT_EQ(reply.code(), "credential_missing") << one.method << one.pattern;
    }
  }
}

TEST_F(AdminRoles, TokenWithScopesReachesItsScopesOnly) {
  std::map<std::string, int> seen;
  for (const auto& one : world.api.routes()) {
    if (!is_admin_route(one) || one.scope.empty()) {
      continue;
    }
    ++seen[one.scope];
    EXPECT_NE(ask(one, world.token_of(admin_role::admin, {one.scope})).status, 403) << one.pattern;
    const auto other = ask(one, world.token_of(admin_role::admin, {"nothing:read"}));
    EXPECT_EQ(other.status, 403) << one.pattern;
    EXPECT_EQ(other.code(), "scope_denied") << one.pattern;
  }
  EXPECT_GE(seen.size(), 10U);
  EXPECT_TRUE(seen.contains("users:read"));
  EXPECT_TRUE(seen.contains("gateways:write"));
}

TEST_F(AdminRoles, OpenapiNamesTheRoleOfEveryAdminOperation) {
  const auto paths = boost::json::parse(world.api.openapi()).as_object().at("paths").as_object();
  for (const auto& one : world.api.routes()) {
    std::string method;
    for (const char letter : one.method) {
      method += static_cast<char>(std::tolower(letter));
    }
    const auto& operation = paths.at(one.pattern).as_object().at(method).as_object();
    if (one.least_role) {
      EXPECT_EQ(operation.at("x-required-role").as_string(), models::enum_text(*one.least_role));
      EXPECT_EQ(operation.at("x-required-scope").as_string(), one.scope);
    } else {
      EXPECT_FALSE(operation.contains("x-required-role")) << one.pattern;
    }
  }
}

}
}
