#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using models::admin_role;
using test_support::api_reply;
using test_support::life_world;

class OperationsScope : public testing::Test {
 protected:
  api_reply turn(const std::string& place, const std::string& token) const {
    return world.call({.method = "POST", .target = "/api/v1/admin/" + place, .token = token});
  }
  std::string operator_token(admin_role role = admin_role::support) {
    return world.token_of(role, {"nodes:read", std::string(models::operations_scope)});
  }
  models::admin add_admin(const std::string& name) {
    return world.admins
        .create(world.chief, {.name = name,
                              .role = admin_role::admin,
                              .password = base::secret_bytes::from_text("correct horse battery")})
        .value();
  }
  services::admin_actor actor_with(const std::string& token) const {
    return world.access.admin(token, "request-1").value();
  }

  life_world world;
  models::gateway gateway = world.join("gate").gateway;
  models::node node = world.add_node("orchard");
  std::string gateway_place = "gateways/" + gateway.id.text();
  std::string node_place = "nodes/" + node.id.text();
};

TEST_F(OperationsScope, LetsATokenOfSupportDrainAndNothingElse) {
  const auto token = operator_token();
  for (const auto& place : {gateway_place, node_place}) {
    EXPECT_EQ(turn(place + ":drain", token).status, 200) << place;
    EXPECT_EQ(turn(place + ":undrain", token).status, 200) << place;
  }
  EXPECT_EQ(turn(gateway_place + ":quarantine", token).code(), "role_denied");
  EXPECT_EQ(turn(node_place + ":rotate-keys", token).code(), "role_denied");
  EXPECT_EQ(world.call({.target = "/api/v1/admin/users", .token = token}).code(), "scope_denied");
}

TEST_F(OperationsScope, SupportWithoutItMayNotDrain) {
  const auto all = world.token_of(admin_role::support);
  const auto wide = world.token_of(admin_role::support, {"nodes:write", "gateways:write"});
  for (const auto& token : {all, wide}) {
    EXPECT_EQ(turn(gateway_place + ":drain", token).code(), "role_denied");
    EXPECT_EQ(turn(node_place + ":drain", token).code(), "role_denied");
  }
}

TEST_F(OperationsScope, IsNothingForATokenThatOnlyReads) {
  EXPECT_EQ(turn(node_place + ":drain", operator_token(admin_role::read_only)).code(),
            "role_denied");
}

TEST_F(OperationsScope, IsGivenByAdministratorsAndByTokensThatHaveIt) {
  const services::new_admin_token wanted{.name = "robot",
                                         .role = admin_role::support,
                                         .scopes = {std::string(models::operations_scope)}};
  EXPECT_EQ(
      world.admin_tokens.create(actor_with(world.token_of(admin_role::support)), wanted).error(),
      services::errc::grant_exceeds_own);
  EXPECT_TRUE(world.admin_tokens.create(actor_with(operator_token()), wanted));
}

TEST_F(OperationsScope, EndsWhenItsMakerIsNoAdministratorAnyMore) {
  add_admin("ada");
  const auto made = add_admin("grace");
  const services::admin_actor grace{
      .id = made.id, .name = made.name, .request_id = "request-1", .role = admin_role::admin};
  const auto issued =
      world.admin_tokens.create(grace, {.name = "robot",
                                        .role = admin_role::support,
                                        .scopes = {std::string(models::operations_scope)}});
  ASSERT_TRUE(issued);
  const auto token = std::string(issued->secret.reveal_text());
  EXPECT_EQ(turn(node_place + ":drain", token).status, 200);
  ASSERT_TRUE(world.admins.amend(world.chief, made.id, {.role = admin_role::support}));
  EXPECT_EQ(turn(node_place + ":undrain", token).code(), "role_denied");
}

TEST_F(OperationsScope, IsNamedInTheDocumentAtTheFourCalls) {
  const auto& document = world.api.openapi();
  std::size_t named = 0;
  const std::string mark = R"("x-scope-for-support":"ops:write")";
  for (auto at = document.find(mark); at != std::string::npos; at = document.find(mark, at + 1)) {
    ++named;
  }
  EXPECT_EQ(named, 4U);
}

}
}
