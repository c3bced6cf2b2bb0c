#include "httvps/backend/services/restored_versions.hpp"

#include <gtest/gtest.h>

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

}
}
