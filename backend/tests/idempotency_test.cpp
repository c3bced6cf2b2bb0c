#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

using test_support::api_reply;
using test_support::api_world;

class Idempotency : public ::testing::Test {
 protected:
  api_reply post(const std::string& key, const std::string& body,
                 const std::string& tail = "users") {
    return world.call({.method = "POST",
                       .target = "/api/v1/admin/" + tail,
                       .token = world.chief_token,
                       .body = body,
                       .headers = {{"Idempotency-Key", key}}});
  }
  std::size_t users() const {
    const auto found = world.accounts.users({.wanted = {.after = "", .size = 100}});
    return found ? found->items.size() : 0;
  }
  services::keyed_request keyed(std::string_view body) const {
    return {.actor = world.chief,
            .key = "k",
            .method = "POST",
            .target = "/api/v1/admin/users",
            .body = body};
  }

  api_world world;
};

constexpr const char* ada = R"({"name":"Ada"})";

TEST_F(Idempotency, SecondCallGetsTheFirstAnswerAndChangesNothing) {
  const auto first = post("k", ada);
  ASSERT_EQ(first.status, 201) << first.body;
  const auto second = post("k", ada);
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.header("Content-Type"), first.header("Content-Type"));
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(first.header("Idempotency-Replayed"), "");
  EXPECT_EQ(users(), 1U);
}

TEST_F(Idempotency, OtherBodyOrPathOrRightsWithTheSameKeyIsRefused) {
  ASSERT_EQ(post("k", ada).status, 201);
  const auto other = post("k", R"({"name":"Bob"})");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.code(), "idempotency_key_reused");
  EXPECT_EQ(post("k", ada, "plans").code(), "idempotency_key_reused");
  const auto narrow = world.token_of(models::admin_role::admin, {"users:write"});
  const auto asked = world.call({.method = "POST",
                                 .target = "/api/v1/admin/users",
                                 .token = narrow,
                                 .body = ada,
                                 .headers = {{"Idempotency-Key", "k"}}});
  EXPECT_EQ(asked.code(), "idempotency_key_reused");
  EXPECT_EQ(users(), 1U);
}

TEST_F(Idempotency, ProblemAfterValidationIsReplayedAndOneOfValidationIsNot) {
  const auto plan = R"({"code":"basic","name":"Basic"})";
  ASSERT_EQ(post("first", plan, "plans").status, 201);
  const auto taken = post("again", plan, "plans");
  ASSERT_EQ(taken.status, 409) << taken.body;
  const auto replayed = post("again", plan, "plans");
  EXPECT_EQ(replayed.body, taken.body);
  EXPECT_EQ(replayed.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(post("k", R"({"name":""})").code(), "invalid_request");
  EXPECT_EQ(post("k", ada).status, 201);
}

TEST_F(Idempotency, RefusedRoleLeavesTheKeyFree) {
  const auto looker = world.token_of(models::admin_role::read_only);
  const auto refused = world.call({.method = "POST",
                                   .target = "/api/v1/admin/users",
                                   .token = looker,
                                   .body = ada,
                                   .headers = {{"Idempotency-Key", "k"}}});
  EXPECT_EQ(refused.code(), "role_denied");
  EXPECT_EQ(post("k", ada).status, 201);
}

TEST_F(Idempotency, SecretShownOnceIsReplayedAndSealedAtRest) {
  const auto first = post("k", R"({"name":"robot"})", "tokens");
  ASSERT_EQ(first.status, 201) << first.body;
  const auto secret = first.text("secret");
  ASSERT_TRUE(secret.starts_with("htv_"));
  EXPECT_EQ(post("k", R"({"name":"robot"})", "tokens").text("secret"), secret);
  ASSERT_TRUE(world.store->read([&](services::repositories& tables) -> base::result<> {
    const auto id = services::idempotency_id(world.chief.id.text(), "k");
    HTTVPS_TRY(const auto found, tables.idempotency.find(id));
    if (!found) {
      return base::fail(services::errc::lease_lost);
    }
    EXPECT_TRUE(found->answer_sealed.starts_with("enc:v1:"));
    EXPECT_EQ(found->answer_sealed.find(secret), std::string::npos);
    return {};
  }));
}

TEST_F(Idempotency, RequestInWorkIsNamed) {
  ASSERT_TRUE(world.idempotency.claim(keyed(ada)));
  const auto second = post("k", ada);
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(second.code(), "idempotency_key_in_flight");
  EXPECT_EQ(users(), 0U);
}

TEST_F(Idempotency, ProcessThatDiedBeforeTheChangeIsTakenOverAndCannotChangeAnymore) {
  auto dead = world.idempotency.claim(keyed(ada));
  ASSERT_TRUE(dead);
  world.clock.advance(models::idempotency_patience);
  EXPECT_EQ(post("k", ada).status, 201);
  auto actor = world.chief;
  actor.claim = dead->claim;
  EXPECT_EQ(world.accounts.add_user(actor, {.name = "Eve"}).error(), services::errc::lease_lost);
  EXPECT_EQ(users(), 1U);
}

TEST_F(Idempotency, ProcessThatDiedBetweenChangeAndAnswerLeadsToNoSecondChange) {
  auto dead = world.idempotency.claim(keyed(ada));
  ASSERT_TRUE(dead);
  auto actor = world.chief;
  actor.claim = dead->claim;
  ASSERT_TRUE(world.accounts.add_user(actor, {.name = "Ada"}));
  EXPECT_EQ(post("k", ada).code(), "idempotency_key_in_flight");
  world.clock.advance(models::idempotency_patience);
  const auto again = post("k", ada);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.code(), "idempotency_answer_lost");
  EXPECT_EQ(users(), 1U);
}

TEST_F(Idempotency, KeyIsFreeAfterADayAndUpkeepRemovesIt) {
  ASSERT_EQ(post("k", ada).status, 201);
  world.clock.advance(models::idempotency_life - std::chrono::seconds(1));
  ASSERT_TRUE(world.idempotency.forget_old());
  EXPECT_EQ(post("k", ada).header("Idempotency-Replayed"), "true");
  world.clock.advance(std::chrono::seconds(2));
  ASSERT_TRUE(world.idempotency.forget_old());
  EXPECT_EQ(post("k", R"({"name":"Bob"})").status, 201);
  EXPECT_EQ(users(), 2U);
}

TEST_F(Idempotency, NumberOfKeysOfAnAccountIsBounded) {
  for (std::uint64_t i = 0; i < models::most_idempotency_keys; ++i) {
    const auto key = std::to_string(i);
    auto wanted = keyed(ada);
    wanted.key = key;
    ASSERT_TRUE(world.idempotency.claim(wanted));
  }
  const auto refused = post("k", ada);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.code(), "too_many_idempotency_keys");
}

TEST_F(Idempotency, LargeAnswerIsNotKeptAndSaysSo) {
  const auto claimed = world.idempotency.claim(keyed(ada));
  ASSERT_TRUE(claimed);
  const std::string large(services::largest_kept_answer + 1, 'a');
  ASSERT_TRUE(world.idempotency.keep(claimed->claim, base::secret_bytes::from_text(large)));
  EXPECT_EQ(post("k", ada).code(), "idempotency_answer_lost");
}

TEST_F(Idempotency, KeyOutsideOfVisibleAsciiIsRefused) {
  for (const auto& key : {std::string(), std::string("a b"), std::string(256, 'k')}) {
    const auto refused = post(key, ada);
    EXPECT_EQ(refused.status, 400) << key;
    EXPECT_EQ(refused.code(), "idempotency_key_invalid") << key;
  }
  EXPECT_EQ(post(std::string(255, 'k'), ada).status, 201);
}

TEST_F(Idempotency, OldSchemaSaysSo) {
  ASSERT_TRUE(world.store->migrate_down(services::idempotency_schema - 1));
  EXPECT_EQ(post("k", ada).code(), "schema_too_old");
  EXPECT_EQ(users(), 0U);
}

}
}
