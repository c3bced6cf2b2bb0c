#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/login_world.hpp"

namespace httvps::backend::api {
namespace {

using namespace std::chrono_literals;
using models::admin_role;
using test_support::chosen_password;
using test_support::login_world;

class AdminLogin : public ::testing::Test {
 protected:
  std::error_code refusal_of(const std::string& token) {
    const auto actor = world.access.admin(token, "r");
    return actor ? std::error_code() : actor.error();
  }

  login_world world;
};

TEST_F(AdminLogin, OpensASessionWithTheRoleOfTheAccount) {
  const auto account = world.add_account();
  const auto reply = world.login("Ada", chosen_password);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(reply.text("role"), "support");
  const auto me = world.ask(reply.text("token"));
  EXPECT_EQ(me.text("id"), account.id.text());
  EXPECT_EQ(me.body.find("argon2"), std::string::npos);
  EXPECT_EQ(world.ask(reply.text("token"), "admins").code(), "role_denied");
}

TEST_F(AdminLogin, AnswersWrongPasswordUnknownNameAndDisabledAccountAlike) {
  const auto account = world.add_account();
  const auto wrong = world.login("Ada", "incorrect horse battery");
  const auto before = world.passwords.runs();
  const auto unknown = world.login("Eve", chosen_password);
  EXPECT_EQ(world.passwords.runs(), before + 1);
  ASSERT_TRUE(
      world.admins.amend(world.chief, account.id, {.state = models::admin_state::disabled}));
  const auto disabled = world.login("Ada", chosen_password);
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.code(), "login_refused");
  EXPECT_EQ(unknown.body, wrong.body);
  EXPECT_EQ(disabled.body, wrong.body);
}

TEST_F(AdminLogin, SessionEndsByLogoutByRestAndByItsAge) {
  world.add_account();
  const auto first = world.session_of();
  EXPECT_EQ(world.act(first, "logout").status, 200);
  EXPECT_EQ(refusal_of(first), services::errc::credential_invalid);
  const auto second = world.session_of();
  world.clock.advance(30min);
  EXPECT_EQ(refusal_of(second), services::errc::credential_invalid);
  const auto third = world.session_of();
  for (int i = 0; i < 35; ++i) {
    world.clock.advance(20min);
    ASSERT_FALSE(refusal_of(third)) << i;
  }
  world.clock.advance(20min);
  EXPECT_EQ(refusal_of(third), services::errc::credential_invalid);
}

TEST_F(AdminLogin, DisablingAndANewPasswordOfAnAdminEndSessions) {
  const auto account = world.add_account();
  const auto first = world.session_of();
  ASSERT_TRUE(world.admins.amend(world.chief, account.id,
                                 {.password = base::secret_bytes::from_text("another password")}));
  EXPECT_EQ(refusal_of(first), services::errc::credential_invalid);
  EXPECT_EQ(world.login("Ada", chosen_password).status, 401);
  const auto second = world.login("Ada", "another password").text("token");
  ASSERT_TRUE(world.admins.amend(world.chief, account.id, {.role = admin_role::read_only}));
  EXPECT_EQ(world.access.admin(second, "r")->role, admin_role::read_only);
  ASSERT_TRUE(
      world.admins.amend(world.chief, account.id, {.state = models::admin_state::disabled}));
  EXPECT_EQ(refusal_of(second), services::errc::credential_invalid);
}

TEST_F(AdminLogin, OwnPasswordNeedsThePresentOneAndEndsTheOtherSessions) {
  world.add_account();
  const auto mine = world.session_of();
  const auto other = world.session_of();
  const std::string wrong = R"({"present":"x","fresh":"a whole new password"})";
  EXPECT_EQ(world.act(mine, "me:password", wrong).code(), "password_wrong");
  EXPECT_EQ(world.act(mine, "me:password", R"({"present":"correct horse battery","fresh":"short"})")
                .status,
            422);
  const auto changed = world.act(
      mine, "me:password", R"({"present":"correct horse battery","fresh":"a whole new password"})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_FALSE(refusal_of(mine));
  EXPECT_EQ(refusal_of(other), services::errc::credential_invalid);
  EXPECT_EQ(world.login("Ada", "a whole new password").status, 200);
  EXPECT_EQ(world.login("Ada", chosen_password).status, 401);
}

TEST_F(AdminLogin, SessionCannotGuessThePasswordOfItsAccount) {
  world.add_account();
  const auto session = world.session_of();
  const auto change = [&](const std::string& present) {
    return world.act(session, "me:password",
                     R"({"present":")" + present + R"(","fresh":"a whole new password"})");
  };
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(change("wrong").code(), "password_wrong");
  }
  EXPECT_EQ(change(std::string(chosen_password)).status, 429);
  EXPECT_EQ(world.act(session, "me/totp:disable", R"({"password":"x","code":"x"})").status, 429);
  world.clock.advance(90s);
  EXPECT_EQ(change(std::string(chosen_password)).status, 200);
}

TEST_F(AdminLogin, CallsOnTheOwnAccountNeedASession) {
  EXPECT_EQ(world.ask(world.chief_token).code(), "session_needed");
  EXPECT_EQ(world.act(world.chief_token, "logout").code(), "session_needed");
  EXPECT_EQ(world.act(world.chief_token, "me/totp").code(), "session_needed");
}

TEST_F(AdminLogin, IsThrottledByAccountWhateverTheAddress) {
  world.add_account();
  world.add_account("Bob");
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(world.login("Ada", "wrong", {}, "192.0.2." + std::to_string(i)).status, 401);
  }
  EXPECT_EQ(world.login("Ada", chosen_password, {}, "198.51.100.1").status, 429);
  EXPECT_EQ(world.login("Bob", chosen_password, {}, "198.51.100.1").status, 200);
  world.clock.advance(90s);
  EXPECT_EQ(world.login("Ada", chosen_password, {}, "198.51.100.1").status, 200);
}

TEST_F(AdminLogin, IsThrottledByAddressWhateverTheAccount) {
  world.add_account();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(world.login("nobody " + std::to_string(i), "wrong").status, 401);
  }
  EXPECT_EQ(world.login("Ada", chosen_password).status, 429);
  EXPECT_EQ(world.login("Ada", chosen_password, {}, "198.51.100.1").status, 200);
}

TEST_F(AdminLogin, ThatSucceedsCostsNothingOfTheThrottle) {
  world.add_account();
  for (int i = 0; i < 25; ++i) {
    EXPECT_EQ(world.login("Ada", chosen_password).status, 200) << i;
  }
}

TEST_F(AdminLogin, AccountsAreManagedOverTheApi) {
  const std::string body =
      R"({"name":"Ada","role":"read_only","password":"correct horse battery"})";
  const auto made = world.act(world.chief_token, "admins", body);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(world.act(world.chief_token, "admins", body).code(), "already_exists");
  const auto path = "/api/v1/admin/admins/" + made.text("id");
  const auto changed = world.call({.method = "PATCH",
                                   .target = path,
                                   .token = world.chief_token,
                                   .body = R"({"role":"support"})"});
  EXPECT_EQ(changed.text("role"), "support") << changed.body;
  EXPECT_EQ(world.call({.target = path, .token = world.chief_token}).text("state"), "active");
  EXPECT_EQ(world.ask(world.chief_token, "admins").body.find("argon2"), std::string::npos);
  EXPECT_EQ(world.ask(world.chief_token, "admins/adm_0").code(), "admin_not_found");
}

}
}
