#include <gtest/gtest.h>

#include "httvps/backend/services/issued_secret.hpp"
#include "support/login_world.hpp"

namespace httvps::backend::api {
namespace {

using namespace std::chrono_literals;
using models::admin_role;

constexpr std::string_view second_account =
    R"({"name":"Bea","role":"support","password":"correct horse battery"})";
constexpr std::string_view api_token = R"({"name":"robot","role":"read_only"})";

class StepUp : public ::testing::Test {
 protected:
  StepUp() { world.add_account("Ada", admin_role::admin); }

  test_support::api_reply create(const std::string& token) {
    return world.act(token, "admins", std::string(second_account));
  }

  test_support::login_world world;
};

TEST_F(StepUp, SessionMayChangeAdministratorsForFiveMinutesAfterItsLogin) {
  const auto session = world.session_of("Ada");
  world.clock.advance(5min);
  EXPECT_EQ(create(session).status, 201);
  world.clock.advance(1s);
  const auto late = world.act(session, "tokens", std::string(api_token));
  EXPECT_EQ(late.status, 403);
  EXPECT_EQ(late.code(), "step_up_needed");
  EXPECT_EQ(create(world.session_of("Ada")).status, 409);
}

TEST_F(StepUp, OldSessionReadsAndDoesEverythingElse) {
  const auto session = world.session_of("Ada");
  world.clock.advance(6min);
  EXPECT_EQ(world.ask(session, "admins").status, 200);
  EXPECT_EQ(world.act(session, "users", R"({"name":"Grace"})").status, 201);
}

TEST_F(StepUp, OldSessionTakesNoSecondFactor) {
  const auto session = world.session_of("Ada");
  world.clock.advance(6min);
  EXPECT_EQ(world.act(session, "me/totp").code(), "step_up_needed");
  EXPECT_EQ(world.act(world.session_of("Ada"), "me/totp").status, 200);
}

TEST_F(StepUp, TakingATokenBackNeedsNone) {
  const auto session = world.session_of("Ada");
  const auto made = world.act(session, "tokens", std::string(api_token));
  ASSERT_EQ(made.status, 201) << made.body;
  const auto id = made.body.substr(made.body.find("tok_"), 30);
  world.clock.advance(6min);
  const auto revoked = world.act(session, "tokens/" + id + ":revoke");
  EXPECT_EQ(revoked.status, 200) << revoked.body;
}

TEST_F(StepUp, OldSessionApprovesNoGateway) {
  const services::gateway_service strict{
      world.tools, {.secret_hash = services::hash_secret(test_support::join_secret)}};
  const auto waiting = strict.join(world.join_order_for("north")).value().gateway;
  const auto session = world.session_of("Ada");
  world.clock.advance(6min);
  const auto tail = "gateways/" + waiting.id.text();
  EXPECT_EQ(world.act(session, tail + ":approve").code(), "step_up_needed");
  EXPECT_EQ(world.gateways.find(waiting.id).value().gateway.state, models::gateway_state::pending);
  EXPECT_EQ(world.act(world.session_of("Ada"), tail + ":approve").status, 200);
}

TEST_F(StepUp, OldSessionReleasesNoGatewayThatWasQuarantined) {
  const auto gateway = world.join("north").gateway;
  const auto tail = "gateways/" + gateway.id.text();
  const auto session = world.session_of("Ada");
  world.clock.advance(6min);
  ASSERT_EQ(world.act(session, tail + ":quarantine").status, 200);
  EXPECT_EQ(world.act(session, tail + ":release").code(), "step_up_needed");
  EXPECT_EQ(world.act(world.session_of("Ada"), tail + ":release").status, 200);
}

TEST_F(StepUp, OldSessionMakesOnlyJoinTokensThatWaitForApproval) {
  const auto session = world.session_of("Ada");
  world.clock.advance(6min);
  const std::string place = R"({"name":"north","region":"eu")";
  EXPECT_EQ(world.act(session, "gateways", place + "}").code(), "step_up_needed");
  EXPECT_EQ(world.act(session, "gateways", place + R"(,"needs_approval":false})").code(),
            "step_up_needed");
  EXPECT_EQ(world.act(session, "gateways", place + R"(,"needs_approval":true})").status, 201);
  EXPECT_EQ(world.act(world.session_of("Ada"), "gateways", place + "}").status, 201);
  EXPECT_EQ(world.act(world.chief_token, "gateways", place + "}").status, 201);
}

TEST_F(StepUp, ApiTokensAreNotAsked) {
  const auto token = world.token_of(admin_role::admin);
  world.clock.advance(24h);
  EXPECT_EQ(create(token).status, 201);
  EXPECT_EQ(world.act(world.chief_token, "tokens", std::string(api_token)).status, 201);
}

}
}
