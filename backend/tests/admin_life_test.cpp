#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/login_world.hpp"

namespace httvps::backend::api {
namespace {

using namespace std::chrono_literals;
using models::admin_role;
using test_support::api_reply;
using test_support::chosen_password;
using test_support::login_world;

class AdminLife : public ::testing::Test {
 protected:
  static std::string path(const models::admin& one) {
    return "/api/v1/admin/admins/" + one.id.text();
  }
  api_reply rename(const std::string& name, const std::string& match = "*") const {
    return world.call({.method = "PATCH",
                       .target = path(account),
                       .token = world.chief_token,
                       .body = R"({"name":")" + name + R"("})",
                       .headers = {{"If-Match", match}}});
  }
  api_reply remove(const models::admin& one, const std::string& token) const {
    return world.call({.method = "DELETE", .target = path(one), .token = token});
  }
  api_reply remove() const { return remove(account, world.chief_token); }
  std::string tag() const {
    return world.call({.target = path(account), .token = world.chief_token}).header("ETag");
  }
  std::vector<models::audit_line> lines_of(const std::string& action) const {
    return world.audit.newest({.action = action, .size = 10}).value().items;
  }

  login_world world;
  models::admin account = world.add_account();
};

TEST_F(AdminLife, NewNameHoldsAtLoginAndSessionsGoOn) {
  const auto session = world.session_of("Ada");
  const auto renamed = rename("Grace");
  EXPECT_EQ(renamed.status, 200) << renamed.body;
  EXPECT_EQ(renamed.text("name"), "Grace");
  EXPECT_EQ(world.ask(session).text("name"), "Grace");
  EXPECT_EQ(world.login("Grace", chosen_password).status, 200);
  EXPECT_EQ(world.login("Ada", chosen_password).code(), "login_refused");
  world.add_account("Ada");
}

TEST_F(AdminLife, NameOfAnotherIsRefused) {
  world.add_account("Bob");
  const auto refused = rename("Bob");
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(refused.code(), "already_exists");
  EXPECT_EQ(world.stored(account.id).name, "Ada");
  EXPECT_TRUE(lines_of("admin.change").empty());
}

TEST_F(AdminLife, NewNameHasTheBoundsOfTheFirstOne) {
  for (const auto& name : {std::string(), std::string(300, 'a')}) {
    const auto refused = rename(name);
    EXPECT_EQ(refused.status, 422) << name;
    EXPECT_NE(refused.body.find("\"/name\""), std::string::npos) << refused.body;
  }
  EXPECT_EQ(world.stored(account.id).name, "Ada");
}

TEST_F(AdminLife, NewNameIsRefusedToAnOlderTagAndChangesIt) {
  const auto first = tag();
  EXPECT_EQ(rename("Grace", first).status, 200);
  EXPECT_NE(tag(), first);
  EXPECT_EQ(rename("Hedy", first).status, 412);
  EXPECT_EQ(world.stored(account.id).name, "Grace");
}

TEST_F(AdminLife, NewNameIsInTheLogAndTheSameOneIsNot) {
  EXPECT_EQ(rename("Ada").status, 200);
  EXPECT_TRUE(lines_of("admin.change").empty());
  EXPECT_EQ(rename("Grace").status, 200);
  const auto lines = lines_of("admin.change");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0].object, account.id.text());
  EXPECT_NE(lines[0].before.find(R"("name":"Ada")"), std::string::npos) << lines[0].before;
  EXPECT_NE(lines[0].after.find(R"("name":"Grace")"), std::string::npos) << lines[0].after;
}

TEST_F(AdminLife, RemovalEndsSessionsAndApiTokens) {
  const auto session = world.session_of("Ada");
  const auto made = world.act(session, "tokens", R"({"name":"robot","role":"read_only"})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto secret = made.text("secret");
  ASSERT_EQ(world.ask(secret, "users").status, 200);
  EXPECT_EQ(remove().status, 204);
  EXPECT_EQ(world.ask(session).status, 401);
  EXPECT_EQ(world.ask(secret, "users").status, 401);
  EXPECT_EQ(world.login("Ada", chosen_password).code(), "login_refused");
  const auto tokens = world.admin_tokens.list(world.chief, {.after = {}, .size = 10})->items;
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].owner, account.id);
  EXPECT_EQ(tokens[0].revoked_at, world.clock.system_now());
}

TEST_F(AdminLife, RemovalEndsNothingOfOthers) {
  world.add_account("Bob");
  const auto session = world.session_of("Bob");
  EXPECT_EQ(remove().status, 204);
  EXPECT_EQ(world.ask(session).text("name"), "Bob");
}

TEST_F(AdminLife, RemovedOneIsNeitherFoundNorListedNorRemovedAgain) {
  EXPECT_EQ(remove().status, 204);
  EXPECT_EQ(world.admins.find(account.id).error(), services::errc::admin_not_found);
  EXPECT_TRUE(world.admins.list({.after = {}, .size = 10})->items.empty());
  EXPECT_EQ(rename("Grace").code(), "admin_not_found");
  const auto again = remove();
  EXPECT_EQ(again.status, 404);
  EXPECT_EQ(again.code(), "admin_not_found");
  EXPECT_EQ(lines_of("admin.delete").size(), 1U);
}

TEST_F(AdminLife, NameIsFreeForAnotherAfterRemoval) {
  const auto session = world.session_of("Ada");
  EXPECT_EQ(remove().status, 204);
  const auto next = world.add_account("Ada");
  EXPECT_NE(next.id, account.id);
  EXPECT_EQ(world.ask(world.session_of("Ada")).text("id"), next.id.text());
  EXPECT_EQ(world.ask(session).status, 401);
}

TEST_F(AdminLife, RemovalTakesTheAuthenticatorAndItsRecoveryCodesAlong) {
  const auto session = world.session_of("Ada");
  ASSERT_EQ(world.act(session, "me/totp").status, 200);
  const auto confirmed = world.act(session, "me/totp:confirm",
                                   R"({"code":")" + world.totp_code_of(account.id) + R"("})");
  ASSERT_EQ(confirmed.status, 200) << confirmed.body;
  const auto removed = remove();
  EXPECT_EQ(removed.status, 204) << removed.body;
  EXPECT_EQ(world.add_account("Ada").totp, models::totp_state::off);
  EXPECT_EQ(world.login("Ada", chosen_password).status, 200);
}

TEST_F(AdminLife, LogKeepsTheNameOfWhoWasRemoved) {
  const auto session = world.session_of("Ada");
  ASSERT_EQ(world.act(session, "users", R"({"name":"Eve"})").status, 201);
  EXPECT_EQ(remove().status, 204);
  const auto made = lines_of("user.create").at(0);
  EXPECT_EQ(made.actor, account.id.text());
  EXPECT_EQ(made.actor_name, "Ada");
  const auto removal = lines_of("admin.delete").at(0);
  EXPECT_EQ(removal.actor, world.chief.id.text());
  EXPECT_EQ(removal.object, account.id.text());
  EXPECT_NE(removal.before.find(R"("name":"Ada")"), std::string::npos) << removal.before;
  EXPECT_TRUE(removal.after.empty()) << removal.after;
}

TEST_F(AdminLife, RemovalIsForAdminsWithARecentLoginAndEveryScope) {
  world.add_account("Bea", admin_role::admin);
  EXPECT_EQ(remove(account, world.session_of("Ada")).code(), "role_denied");
  const auto session = world.session_of("Bea");
  const auto narrow = world.token_of(admin_role::admin, {"admins:write"});
  world.clock.advance(6min);
  EXPECT_EQ(remove(account, session).code(), "step_up_needed");
  EXPECT_EQ(remove(account, narrow).code(), "grant_exceeds_own");
  EXPECT_EQ(world.stored(account.id).name, "Ada");
  EXPECT_EQ(remove(account, world.session_of("Bea")).status, 204);
}

TEST_F(AdminLife, RemovalIsRefusedToAnOlderTag) {
  const auto first = tag();
  ASSERT_EQ(rename("Grace").status, 200);
  const auto refused = world.call({.method = "DELETE",
                                   .target = path(account),
                                   .token = world.chief_token,
                                   .headers = {{"If-Match", first}}});
  EXPECT_EQ(refused.status, 412);
  EXPECT_EQ(world.stored(account.id).name, "Grace");
}

TEST_F(AdminLife, AdminMayRemoveTheOwnAccountWhileAnotherIsActive) {
  const auto own = world.add_account("Bea", admin_role::admin);
  const auto session = world.session_of("Bea");
  EXPECT_EQ(remove(own, session).code(), "last_admin");
  EXPECT_EQ(world.ask(session).text("name"), "Bea");
  world.add_account("Cleo", admin_role::admin);
  EXPECT_EQ(remove(own, session).status, 204);
  EXPECT_EQ(world.ask(session).status, 401);
  EXPECT_EQ(lines_of("admin.delete").at(0).actor_name, "Bea");
}

}
}
