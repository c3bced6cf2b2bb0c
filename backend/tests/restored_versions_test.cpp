#include "httvps/backend/services/restored_versions.hpp"

#include <gtest/gtest.h>

#include <map>

#include "support/metered_world.hpp"
#include "support/stored_database.hpp"

namespace httvps::backend {
namespace {

using test_support::find_setting;
using test_support::save_setting;

TEST(RestoredVersions, AreLargerThanAllThatWereGivenOutBefore) {
  test_support::metered_world metered;
  auto& store = *metered.world.store;
  const auto now = metered.world.clock.system_now();
  ASSERT_TRUE(services::outgrow_earlier_versions(store, now));
  const auto floor = std::to_string(base::to_unix_seconds(now));
  EXPECT_EQ(find_setting(store, "config_version"), floor);
  EXPECT_EQ(find_setting(store, "revocation_version"), floor);
  EXPECT_EQ(*metered.world.withdrawals.version(), 1'800'000'000U);
  ASSERT_TRUE(metered.world.withdrawals.suspend_user(metered.world.admin(), metered.user.id));
  EXPECT_EQ(*metered.world.withdrawals.version(), 1'800'000'001U);
}

TEST(RestoredVersions, NeverFall) {
  const test_support::stored_database home;
  const auto store = home.open_migrated();
  ASSERT_TRUE(save_setting(*store, "config_version", "1800000007"));
  ASSERT_TRUE(services::outgrow_earlier_versions(*store, base::from_unix_seconds(1'800'000'000)));
  EXPECT_EQ(find_setting(*store, "config_version"), "1800000007");
}

class KeysOfAKeySet : public testing::Test {
 protected:
  services::authority_parts parts() {
    return {.storage = *world.store,
            .cipher = world.cipher,
            .clock = world.clock,
            .random = world.random};
  }
  std::string remember(const std::string& name) {
    return find_setting(*world.store, name).value_or("");
  }
  services::signing_authority restored_authority() {
    return services::signing_authority::open(parts(), world.root).value();
  }
  identity::key_set published() {
    return identity::key_set::verify(
               world.authority.key_set_text(),
               {.root = world.root.public_part(), .now = world.clock.system_now()})
        .value();
  }
  void rotate() {
    ASSERT_TRUE(world.trust.rotate_signing(world.admin()));
    world.clock.advance(services::signing_key_settling);
  }
  void set_back(const std::map<std::string, std::string>& settings) {
    for (const auto& [name, value] : settings) {
      ASSERT_TRUE(save_setting(*world.store, name, value));
    }
  }

  test_support::deployment world;
  models::user user = world.add_user();
  services::subscription_report subscription =
      world.subscribe(user, world.add_plan({.device_limit = 5}));
  models::gateway gateway = world.join().gateway;
};

TEST_F(KeysOfAKeySet, KeepTokensGoodThatWereSignedAfterTheBackup) {
  const std::map<std::string, std::string> backup = {{"signing_keys", remember("signing_keys")},
                                                     {"key_set", remember("key_set")}};
  rotate();
  const auto token = world.enrol(user, gateway).answer.token;
  const auto newest = published();
  set_back(backup);
  const auto grace = identity::expiry_grace::renewal();
  EXPECT_FALSE(restored_authority().verify_token(token, grace)) << "as it was without the key set";
  set_back(backup);
  const auto now = world.clock.system_now();
  ASSERT_TRUE(services::outgrow_earlier_versions(*world.store, now));
  EXPECT_EQ(services::adopt_published_keys(*world.store, newest, now), 1U);
  const auto authority = restored_authority();
  EXPECT_TRUE(authority.verify_token(token, identity::expiry_grace::none())) << "while it lives";
  EXPECT_GT(authority.key_set_version(), newest.version());
  const auto fresh = identity::key_set::verify(authority.key_set_text(),
                                               {.root = world.root.public_part(), .now = now});
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->claims().keys.size(), 2U);
  EXPECT_TRUE(fresh->claims().retired.empty());
  EXPECT_EQ(services::adopt_published_keys(*world.store, newest, now), 0U) << "twice is as once";
}

TEST_F(KeysOfAKeySet, OnlyRenewOnceTheirTokensAreOver) {
  const std::map<std::string, std::string> backup = {{"signing_keys", remember("signing_keys")},
                                                     {"key_set", remember("key_set")}};
  rotate();
  const auto token = world.enrol(user, gateway).answer.token;
  const auto newest = published();
  set_back(backup);
  ASSERT_TRUE(services::adopt_published_keys(*world.store, newest, world.clock.system_now()));
  auto authority = restored_authority();
  world.clock.advance(services::signing_key_overlap);
  ASSERT_TRUE(authority.tend());
  EXPECT_TRUE(authority.verify_token(token, identity::expiry_grace::renewal()));
  EXPECT_EQ(authority.history().retired(world.clock.system_now()).size(), 1U);
}

TEST_F(KeysOfAKeySet, AreForgottenAsRetiredOnesAre) {
  const std::map<std::string, std::string> backup = {{"signing_keys", remember("signing_keys")},
                                                     {"key_set", remember("key_set")}};
  rotate();
  const auto newest = published();
  set_back(backup);
  ASSERT_TRUE(services::adopt_published_keys(*world.store, newest, world.clock.system_now()));
  EXPECT_EQ(restored_authority().history().adopted().size(), 1U);
  world.clock.advance(services::signing_key_memory);
  EXPECT_TRUE(restored_authority().history().adopted().empty());
}

}
}
