#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "support/api_world.hpp"

namespace httvps::backend::services {
namespace {

using namespace std::chrono_literals;
using models::admin_role;
using test_support::api_world;

class AdminTokens : public ::testing::Test {
 protected:
  admin_actor actor_of(const std::string& token) { return *world.access.admin(token, "r"); }
  std::error_code refusal_of(std::string_view token) {
    const auto actor = world.access.admin(token, "r");
    return actor ? std::error_code() : actor.error();
  }
  created_admin_token make(const admin_actor& maker, const new_admin_token& wanted) {
    return *world.admin_tokens.create(maker, wanted);
  }

  api_world world;
};

TEST_F(AdminTokens, ActWithTheirOwnRoleAndInTheNameOfTheirMaker) {
  const auto made = make(world.chief, {.name = "ci", .role = admin_role::support});
  const auto actor = actor_of(std::string(made.secret.reveal_text()));
  EXPECT_EQ(actor.id, world.chief.id);
  EXPECT_EQ(actor.role, admin_role::support);
  ASSERT_TRUE(actor.token);
  EXPECT_EQ(actor.token->id, made.token.id);
}

TEST_F(AdminTokens, AreStoredAsAHashOnly) {
  const auto made = make(world.chief, {.name = "ci"});
  EXPECT_EQ(made.token.hash, hash_secret(made.secret.reveal_text()));
  EXPECT_TRUE(is_issued_secret("htv_", made.secret.reveal_text()));
  const auto reply = world.call({.target = "/api/v1/admin/tokens", .token = world.chief_token});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body.find("htv_"), std::string::npos);
  EXPECT_EQ(reply.body.find(made.token.hash), std::string::npos);
}

TEST_F(AdminTokens, GiveNoMoreThanTheirMakerHas) {
  const auto support =
      actor_of(world.token_of(admin_role::support, {"tokens:write", "users:read"}));
  EXPECT_EQ(world.admin_tokens.create(support, {.name = "x", .role = admin_role::admin}).error(),
            errc::grant_exceeds_own);
  EXPECT_EQ(world.admin_tokens.create(support, {.name = "x", .scopes = {"nodes:write"}}).error(),
            errc::grant_exceeds_own);
  const auto inherited = make(support, {.name = "x", .role = admin_role::support});
  EXPECT_EQ(inherited.token.scopes, (std::vector<std::string>{"tokens:write", "users:read"}));
  EXPECT_TRUE(world.admin_tokens.create(support, {.name = "x", .scopes = {"users:read"}}));
}

TEST_F(AdminTokens, WithScopesMakeAndChangeNoAccounts) {
  const auto scoped = actor_of(world.token_of(admin_role::admin, {"admins:write"}));
  const services::new_admin wanted{.name = "grace",
                                   .role = admin_role::read_only,
                                   .password = base::secret_bytes::from_text("a long password 1")};
  EXPECT_EQ(world.admins.create(scoped, wanted).error(), errc::grant_exceeds_own);
  const auto made = world.admins.create(world.chief, wanted);
  ASSERT_TRUE(made);
  EXPECT_EQ(world.admins.amend(scoped, made->id, {.role = admin_role::admin}).error(),
            errc::grant_exceeds_own);
  EXPECT_EQ(world.admins.reset_totp(scoped, made->id).error(), errc::grant_exceeds_own);
  EXPECT_TRUE(world.admins.amend(world.chief, made->id, {.role = admin_role::support}));
}

TEST_F(AdminTokens, EndAtTheirTimeAndWhenRevoked) {
  const auto made = make(world.chief, {.name = "ci", .valid = 1h});
  const std::string text(made.secret.reveal_text());
  world.clock.advance(1h - 1s);
  EXPECT_FALSE(refusal_of(text));
  world.clock.advance(1s);
  EXPECT_EQ(refusal_of(text), errc::credential_invalid);
  const auto other = make(world.chief, {.name = "ci"});
  ASSERT_TRUE(world.admin_tokens.revoke(world.chief, other.token.id));
  EXPECT_EQ(refusal_of(other.secret.reveal_text()), errc::credential_invalid);
  const auto again = world.admin_tokens.revoke(world.chief, other.token.id);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->revoked_at);
}

TEST_F(AdminTokens, RememberTheirLastUseToTheMinute) {
  const auto made = make(world.chief, {.name = "ci"});
  const std::string text(made.secret.reveal_text());
  const auto used_at = [&] {
    return world.admin_tokens.find(world.chief, made.token.id)->last_used_at;
  };
  EXPECT_FALSE(used_at());
  const auto first = world.clock.system_now();
  EXPECT_FALSE(refusal_of(text));
  EXPECT_EQ(used_at(), first);
  world.clock.advance(59s);
  EXPECT_FALSE(refusal_of(text));
  EXPECT_EQ(used_at(), first);
  world.clock.advance(1s);
  EXPECT_FALSE(refusal_of(text));
  EXPECT_EQ(used_at(), world.clock.system_now());
}

TEST_F(AdminTokens, OfOthersAreShownToAdminsOnly) {
  const auto mine = make(world.chief, {.name = "mine"});
  auto stranger = world.chief;
  stranger.id = models::admin_id::make(world.clock.system_now(), world.random);
  stranger.role = admin_role::support;
  EXPECT_EQ(world.admin_tokens.find(stranger, mine.token.id).error(), errc::admin_token_not_found);
  EXPECT_EQ(world.admin_tokens.revoke(stranger, mine.token.id).error(),
            errc::admin_token_not_found);
  const auto own = make(stranger, {.name = "own"});
  const auto listed = world.admin_tokens.list(stranger, {.after = "", .size = 10});
  ASSERT_EQ(listed->items.size(), 1U);
  EXPECT_EQ(listed->items[0].id, own.token.id);
  EXPECT_EQ(world.admin_tokens.list(world.chief, {.after = "", .size = 10})->items.size(), 2U);
  EXPECT_EQ(refusal_of(own.secret.reveal_text()), errc::credential_invalid);
}

TEST_F(AdminTokens, AreMadeRenamedAndRevokedOverTheApi) {
  const std::string path = "/api/v1/admin/tokens";
  const auto made =
      world.call({.method = "POST",
                  .target = path,
                  .token = world.chief_token,
                  .body = R"({"name":"ci","role":"support","scopes":["users:read"]})"});
  ASSERT_EQ(made.status, 201) << made.body;
  const auto secret = made.text("secret");
  const auto id = actor_of(secret).token->id.text();
  EXPECT_EQ(world.call({.target = "/api/v1/admin/users", .token = secret}).status, 200);
  const auto renamed = world.call({.method = "PATCH",
                                   .target = path + "/" + id,
                                   .token = world.chief_token,
                                   .body = R"({"name":"robot"})"});
  EXPECT_EQ(renamed.text("name"), "robot") << renamed.body;
  const auto ended = world.call(
      {.method = "POST", .target = path + "/" + id + ":revoke", .token = world.chief_token});
  EXPECT_EQ(ended.status, 200) << ended.body;
  EXPECT_EQ(world.call({.target = "/api/v1/admin/users", .token = secret}).status, 401);
}

TEST_F(AdminTokens, FieldsOutOfBoundsAreNamed) {
  const auto made =
      world.call({.method = "POST",
                  .target = "/api/v1/admin/tokens",
                  .token = world.chief_token,
                  .body = R"({"name":"","role":"root","scopes":["users"],"valid_s":59})"});
  EXPECT_EQ(made.status, 422);
  for (const auto* pointer : {"\"/name\"", "\"/role\"", "\"/scopes/0\"", "\"/valid_s\""}) {
    EXPECT_NE(made.body.find(pointer), std::string::npos) << made.body;
  }
}

}
}
