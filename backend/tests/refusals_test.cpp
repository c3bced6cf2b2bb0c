#include <gtest/gtest.h>

#include "support/login_world.hpp"

namespace httvps::backend {
namespace {

using namespace std::chrono_literals;

class Refusals : public ::testing::Test {
 protected:
  std::vector<models::audit_line> lines(std::string_view action) const {
    return world.audit.newest({.action = std::string(action), .size = 1000}).value().items;
  }
  std::vector<models::audit_line> refused_calls() const { return lines("call.refused"); }
  std::vector<models::audit_line> refused_logins() const { return lines("login.refused"); }

  test_support::login_world world;
  models::admin ada = world.add_account("Ada");
};

TEST_F(Refusals, CallAboveTheRoleLeavesALineWithWhoAndWhat) {
  const auto session = world.session_of("Ada");
  EXPECT_EQ(world.act(session, "plans", R"({"code":"p","name":"P"})").code(), "role_denied");
  ASSERT_EQ(refused_calls().size(), 1U);
  const auto line = refused_calls().front();
  EXPECT_EQ(line.actor, ada.id.text());
  EXPECT_EQ(line.actor_name, "Ada");
  EXPECT_FALSE(line.token.empty());
  EXPECT_EQ(line.address, "192.0.2.9");
  EXPECT_EQ(line.object, "createPlan");
  EXPECT_EQ(line.detail, "code=role_denied");
  EXPECT_FALSE(world.audit.verify().value().fault);
}

TEST_F(Refusals, RepeatsWithinAMinuteAreCountedInTheNextLine) {
  const auto session = world.session_of("Ada");
  for (int i = 0; i < 5; ++i) {
    world.act(session, "plans", R"({"code":"p","name":"P"})");
  }
  EXPECT_EQ(refused_calls().size(), 1U);
  world.clock.advance(61s);
  world.act(session, "plans", R"({"code":"p","name":"P"})");
  ASSERT_EQ(refused_calls().size(), 2U);
  EXPECT_EQ(refused_calls().front().detail, "code=role_denied before=4");
}

TEST_F(Refusals, TokenWithoutTheScopeLeavesALine) {
  const auto token = world.token_of(models::admin_role::admin, {"stats:read"});
  EXPECT_EQ(world.act(token, "users", R"({"name":"Grace"})").code(), "scope_denied");
  ASSERT_EQ(refused_calls().size(), 1U);
  EXPECT_EQ(refused_calls().front().detail, "code=scope_denied");
}

TEST_F(Refusals, LoginLeavesALineThatNamesTheAccountOnlyIfThereIsOne) {
  world.login("Ada", "not her password");
  world.login("a password typed into the name", "x password of nobody");
  const auto found = refused_logins();
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].object, ada.id.text());
  EXPECT_EQ(found[1].actor_name, "Ada");
  EXPECT_EQ(found[1].actor, "nobody");
  EXPECT_EQ(found[0].object, "");
  EXPECT_EQ(found[0].actor_name, "");
  EXPECT_EQ(found[0].address, "192.0.2.9");
  EXPECT_EQ(found[0].detail, "code=login_refused");
}

TEST_F(Refusals, StrangersWriteAtMostSixtyLinesAMinute) {
  for (int i = 0; i < 90; ++i) {
    world.login("nobody " + std::to_string(i), "a wrong password", {},
                "192.0.2." + std::to_string(i));
  }
  EXPECT_EQ(refused_logins().size(), 60U);
  world.clock.advance(61s);
  world.login("nobody again", "a wrong password", {}, "198.51.100.1");
  EXPECT_EQ(refused_logins().size(), 61U);
}

TEST_F(Refusals, CallThatIsAllowedLeavesNone) {
  world.act(world.session_of("Ada"), "users", R"({"name":"Grace"})");
  EXPECT_TRUE(refused_calls().empty());
  EXPECT_TRUE(refused_logins().empty());
}

}
}
