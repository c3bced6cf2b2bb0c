#include "httvps/backend/services/shared_proofs.hpp"

#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/deployment.hpp"

namespace httvps::backend::services {
namespace {

using outcome = seen_proofs::outcome;

identity::signature numbered(std::uint8_t number) {
  identity::signature proof{};
  proof.back() = number;
  return proof;
}

class SharedProofs : public testing::Test {
 protected:
  outcome note(std::uint8_t number, std::string_view attempt = {}) {
    const auto proof = numbered(number);
    return *note_shared_proof(
        *world.store, {.proof = proof, .now = world.clock.system_now(), .attempt = attempt});
  }

  test_support::deployment world;
};

TEST_F(SharedProofs, AreFreshOnce) {
  EXPECT_EQ(note(1), outcome::fresh);
  EXPECT_EQ(note(2), outcome::fresh);
  EXPECT_EQ(note(1), outcome::replayed);
}

TEST_F(SharedProofs, RetryOfTheSameAttemptIsNoReplayAndAnyOtherShowingIsOne) {
  EXPECT_EQ(note(1, "gw_1/a"), outcome::fresh);
  EXPECT_EQ(note(1, "gw_1/a"), outcome::fresh);
  EXPECT_EQ(note(1, "gw_1/b"), outcome::replayed);
  EXPECT_EQ(note(1, "gw_2/a"), outcome::replayed);
  EXPECT_EQ(note(1), outcome::replayed);
  EXPECT_EQ(note(2), outcome::fresh);
  EXPECT_EQ(note(2), outcome::replayed);
  EXPECT_EQ(note(2, "gw_1/a"), outcome::replayed);
}

TEST_F(SharedProofs, SchemaBeforeKnowsNoAttempts) {
  ASSERT_TRUE(world.store->migrate_down(proof_attempt_schema - 1));
  EXPECT_EQ(note(1, "gw_1/a"), outcome::fresh);
  EXPECT_EQ(note(1, "gw_1/a"), outcome::replayed);
}

TEST_F(SharedProofs, AnotherBackendOfTheSameDatabaseRefusesAReplay) {
  const auto user = world.add_user();
  world.subscribe(user, world.add_plan());
  const auto device = world.enrol(user, world.join().gateway);
  const auto other = signing_authority::open({.storage = *world.store,
                                              .cipher = world.cipher,
                                              .clock = world.clock,
                                              .random = world.random},
                                             world.root);
  ASSERT_TRUE(other);
  const identity::request_to_prove request{.method = "POST", .path = "/api/v1/token"};
  const auto header = identity::build_device_proof(
      request,
      {.token = device.answer.token, .device = device.key, .now = world.clock.system_now()});
  ASSERT_TRUE(header);
  EXPECT_TRUE(world.authority.verify_proof(*header, request));
  const auto replayed = other->verify_proof(*header, request);
  ASSERT_FALSE(replayed);
  EXPECT_EQ(replayed.error(), errc::proof_replayed);
}

TEST_F(SharedProofs, AreForgottenWhenTheyCannotBeShownAgain) {
  note(1);
  world.clock.advance(std::chrono::minutes(3));
  note(2);
  EXPECT_EQ(*forget_shared_proofs(*world.store, world.clock.system_now()), 0U);
  world.clock.advance(std::chrono::minutes(2));
  EXPECT_EQ(*forget_shared_proofs(*world.store, world.clock.system_now()), 1U);
  EXPECT_EQ(*forget_shared_proofs(*world.store, world.clock.system_now()), 0U);
  EXPECT_EQ(note(2), outcome::replayed);
  EXPECT_EQ(note(1), outcome::fresh);
}

TEST_F(SharedProofs, AreNotAskedForWhereTheTableIsMissing) {
  ASSERT_TRUE(world.store->migrate_down(replica_schema - 1));
  EXPECT_EQ(note(1), outcome::fresh);
  EXPECT_EQ(note(1), outcome::fresh);
}

}
}
