#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/known_callers.hpp"
#include "httvps/backend/services/sealed_keys.hpp"
#include "httvps/backend/services/usage_totals.hpp"
#include "httvps/backend/services/verified_tokens.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using services::validation_request;

struct Together : ::testing::Test, protected test_support::metered_world {
  static std::error_code reason_in(const base::result<services::validation_outcome>& answer) {
    if (!answer) {
      return answer.error();
    }
    const auto* denied = std::get_if<services::denied_device>(&*answer);
    return denied == nullptr ? std::error_code() : denied->reason;
  }
  std::string token_of(const std::string& name) {
    const auto owner = world.add_user(name);
    world.subscribe(owner, terms);
    return world.enrol(owner, gateway).answer.token;
  }
  void revoke(const std::string& of) {
    const auto known = world.authority.verify_token(of, identity::expiry_grace::none());
    ASSERT_TRUE(known);
    ASSERT_TRUE(
        world.devices.revoke(world.admin(), models::device_id::trusted(known->claims.device_id)));
  }
  std::size_t sessions_known(const std::string& session) {
    const auto found = services::read_from(*world.store, [&](services::repositories& tables) {
      return tables.known_sessions.find({.gateway = gateway.id, .session = session});
    });
    return *found ? 1 : 0;
  }
};

TEST_F(Together, EachRequestGetsItsOwnAnswerAndOnlyAdmittedSessionsAreNoted) {
  const auto second = token_of("grace");
  const auto third = token_of("alan");
  revoke(second);
  const validation_request requests[] = {
      {.gateway = gateway, .order = {.token = token, .session = "00000000000000a1"}},
      {.gateway = gateway, .order = {.token = "v4.public.x", .session = "00000000000000a2"}},
      {.gateway = gateway, .order = {.token = second, .session = "00000000000000a3"}},
      {.gateway = gateway, .order = {.token = third, .session = "00000000000000a4"}}};
  const auto answers = world.validation.validate_together(requests);
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(reason_in(answers[0]), std::error_code());
  EXPECT_EQ(reason_in(answers[1]), errc::token_invalid);
  EXPECT_EQ(reason_in(answers[2]), errc::device_revoked);
  EXPECT_EQ(reason_in(answers[3]), std::error_code());
  EXPECT_EQ(sessions_known("00000000000000a1") + sessions_known("00000000000000a4"), 2U);
  EXPECT_EQ(sessions_known("00000000000000a2") + sessions_known("00000000000000a3"), 0U);
}

TEST_F(Together, SameSessionTwiceInOneGroupIsAdmittedTwiceAndNotedOnce) {
  const validation_request requests[] = {
      {.gateway = gateway, .order = {.token = token, .session = "00000000000000a1"}},
      {.gateway = gateway, .order = {.token = token, .session = "00000000000000a1"}}};
  const auto answers = world.validation.validate_together(requests);
  EXPECT_EQ(reason_in(answers[0]), std::error_code());
  EXPECT_EQ(reason_in(answers[1]), std::error_code());
  EXPECT_EQ(sessions_known("00000000000000a1"), 1U);
}

TEST_F(Together, RevokedDeviceIsRefusedByTheNextRequest) {
  ASSERT_EQ(reason_in(world.validation.validate(gateway,
                                                {.token = token, .session = "00000000000000a1"})),
            std::error_code());
  revoke(token);
  EXPECT_EQ(reason_in(world.validation.validate(gateway,
                                                {.token = token, .session = "00000000000000a1"})),
            errc::device_revoked);
}

TEST_F(Together, VerifiedTokenStillExpires) {
  ASSERT_TRUE(world.authority.verify_token(token, identity::expiry_grace::none()));
  world.clock.advance(identity::access_token_lifetime + std::chrono::minutes(1));
  EXPECT_EQ(world.authority.verify_token(token, identity::expiry_grace::none()).error(),
            errc::token_expired);
}

TEST_F(Together, ChangeOfAGatewayIsSeenByTheNextCallWithItsCredential) {
  const auto joined = world.join("second");
  const auto credential = std::string(joined.credential.reveal_text());
  const auto admitted = [&] {
    return world.access.gateway(credential, services::approval::required);
  };
  ASSERT_TRUE(admitted());
  ASSERT_TRUE(admitted());
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), joined.gateway.id));
  EXPECT_FALSE(admitted());
}

TEST(KnownCallers, ForgetAfterTheirTimeAndWhenAGatewayChanged) {
  services::known_callers callers(2);
  const base::steady_time start{};
  callers.keep("a", {.revision = 1, .now = start}, {.gateway = {.name = "one"}, .credential = {}});
  EXPECT_TRUE(callers.find("a", {.revision = 1, .now = start}));
  EXPECT_FALSE(callers.find("b", {.revision = 1, .now = start}));
  EXPECT_FALSE(callers.find("a", {.revision = 2, .now = start}));
  EXPECT_FALSE(callers.find("a", {.revision = 1, .now = start + services::caller_memory}));
  callers.keep("b", {.revision = 1, .now = start}, {.gateway = {.name = "two"}, .credential = {}});
  callers.keep("c", {.revision = 1, .now = start},
               {.gateway = {.name = "three"}, .credential = {}});
  EXPECT_LE(callers.size(), 2U);
}

TEST(VerifiedTokens, HoldAsManyAsTheyMayOfOneKeySet) {
  services::verified_tokens tokens(2);
  tokens.keep("a", 1, {.claims = {.device_id = "one"}});
  tokens.keep("b", 1, {.claims = {.device_id = "two"}});
  tokens.keep("c", 1, {.claims = {.device_id = "three"}});
  EXPECT_EQ(tokens.size(), 2U);
  EXPECT_EQ(tokens.find("a", 1), nullptr);
  ASSERT_NE(tokens.find("c", 1), nullptr);
  EXPECT_EQ(tokens.find("c", 1)->claims.device_id, "three");
  EXPECT_EQ(tokens.find("c", 2), nullptr);
  tokens.keep("d", 2, {.claims = {.device_id = "four"}});
  EXPECT_EQ(tokens.size(), 1U);
}

TEST(SealedKeys, AreMadeOnceANameAndBounded) {
  services::sealed_keys keys(2);
  int made = 0;
  const auto make = [&]() -> base::result<std::string> {
    return "sealed " + std::to_string(++made);
  };
  EXPECT_EQ(keys.find_or_make("a", make), "sealed 1");
  EXPECT_EQ(keys.find_or_make("a", make), "sealed 1");
  EXPECT_EQ(keys.find_or_make("b", make), "sealed 2");
  EXPECT_EQ(keys.find_or_make("c", make), "sealed 3");
  EXPECT_EQ(keys.size(), 1U);
  const auto fails = []() -> base::result<std::string> { return base::fail(errc::signing_failed); };
  EXPECT_EQ(keys.find_or_make("d", fails).error(), errc::signing_failed);
  EXPECT_EQ(keys.size(), 1U);
}

TEST(UsageTotals, AreForgottenAfterTheirTimeAndBounded) {
  services::usage_totals totals(1);
  const base::steady_time start{};
  const services::usage_filter filter{.first_day = "2026-01-01", .last_day = "2026-01-02"};
  const services::usage_sums sums{.total = {.up = 5, .down = 6},
                                  .quarantined = {.up = 1, .down = 2}};
  totals.keep(filter, sums, start);
  EXPECT_EQ(totals.find(filter, start), sums);
  EXPECT_FALSE(totals.find(filter, start + services::usage_total_memory));
  totals.keep({.first_day = "x", .last_day = "y"}, {}, start);
  EXPECT_EQ(totals.size(), 1U);
  EXPECT_FALSE(totals.find(filter, start));
}

}
}
