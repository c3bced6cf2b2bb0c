#include <gtest/gtest.h>

#include <algorithm>

#include "httvps/backend/services/errc.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::deployment;

class Withdrawals : public testing::Test {
 protected:
  services::gateway_config config() {
    return world.gateways.config(gateway, std::nullopt).value().value();
  }
  bool is_listed(const models::device_id& id) {
    return std::ranges::count(config().withdrawn.devices, id) == 1;
  }
  std::optional<models::suspension_reason> reason_of(const models::device_id& id) {
    const auto suspended = config().withdrawn.suspended;
    const auto found = std::ranges::find(suspended, id, &models::suspended_device::device);
    return found == suspended.end() ? std::nullopt : std::optional(found->reason);
  }
  std::uint64_t version() { return world.withdrawals.version().value(); }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 3});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
  models::device_id first = world.enrol(user, gateway).answer.device.id;
  models::device_id second = world.enrol(user, gateway).answer.device.id;
};

TEST_F(Withdrawals, RevokedDeviceIsListedUnderANewVersionOnce) {
  EXPECT_TRUE(config().withdrawn.devices.empty());
  const auto before = version();
  ASSERT_TRUE(world.devices.revoke(world.admin(), first));
  EXPECT_EQ(version(), before + 1);
  EXPECT_TRUE(is_listed(first));
  EXPECT_FALSE(is_listed(second));
  ASSERT_TRUE(world.devices.revoke(world.admin(), first));
  EXPECT_EQ(version(), before + 1);
}

TEST_F(Withdrawals, RevokedDeviceLeavesTheListWhenNoTokenOfItCanLive) {
  ASSERT_TRUE(world.devices.revoke(world.admin(), first));
  world.clock.advance(services::revocation_memory - std::chrono::hours(1));
  EXPECT_TRUE(is_listed(first));
  world.clock.advance(std::chrono::hours(1));
  EXPECT_FALSE(is_listed(first));
}

TEST_F(Withdrawals, DevicesOfASuspendedUserAreListedUntilItIsResumed) {
  const auto stranger = world.add_user("stranger");
  world.subscribe(stranger, terms);
  const auto other = world.enrol(stranger, gateway).answer.device.id;
  const auto before = version();
  EXPECT_EQ(world.withdrawals.suspend_user(world.admin(), user.id)->state,
            models::user_state::suspended);
  EXPECT_EQ(version(), before + 1);
  EXPECT_TRUE(is_listed(first));
  EXPECT_TRUE(is_listed(second));
  EXPECT_FALSE(is_listed(other));
  EXPECT_EQ(world.withdrawals.resume_user(world.admin(), user.id)->state,
            models::user_state::active);
  EXPECT_EQ(version(), before + 2);
  EXPECT_TRUE(config().withdrawn.devices.empty());
}

TEST_F(Withdrawals, DevicesOfASuspendedSubscriptionAreListedUntilItIsResumed) {
  const auto id = subscription.subject.id;
  const auto before = version();
  EXPECT_EQ(world.withdrawals.suspend_subscription(world.admin(), id)->standing,
            models::subscription_standing::suspended);
  EXPECT_TRUE(is_listed(first));
  EXPECT_EQ(version(), before + 1);
  ASSERT_TRUE(world.withdrawals.suspend_subscription(world.admin(), id));
  EXPECT_EQ(version(), before + 1);
  EXPECT_EQ(world.withdrawals.resume_subscription(world.admin(), id)->standing,
            models::subscription_standing::active);
  EXPECT_EQ(version(), before + 2);
  EXPECT_TRUE(config().withdrawn.devices.empty());
}

TEST_F(Withdrawals, ListTellsSuspendedDevicesFromRevokedOnes) {
  ASSERT_TRUE(world.devices.revoke(world.admin(), first));
  ASSERT_TRUE(world.withdrawals.suspend_subscription(world.admin(), subscription.subject.id));
  EXPECT_TRUE(is_listed(first));
  EXPECT_EQ(reason_of(first), std::nullopt);
  EXPECT_EQ(reason_of(second), models::suspension_reason::subscription_suspended);
  ASSERT_TRUE(world.withdrawals.suspend_user(world.admin(), user.id));
  EXPECT_TRUE(is_listed(second));
  EXPECT_EQ(reason_of(second), models::suspension_reason::user_suspended);
  EXPECT_EQ(reason_of(first), std::nullopt);
}

TEST_F(Withdrawals, RevisionRisesWithEverythingThatAGatewayMustKnow) {
  const auto start = config().rev;
  EXPECT_FALSE(world.gateways.config(gateway, start).value().has_value());
  EXPECT_TRUE(world.gateways.config(gateway, start + 1).value().has_value());
  ASSERT_TRUE(world.devices.revoke(world.admin(), first));
  const auto revoked = config().rev;
  EXPECT_GT(revoked, start);
  EXPECT_TRUE(world.gateways.config(gateway, start).value().has_value());
  world.join("another");
  EXPECT_GT(config().rev, revoked);
  EXPECT_EQ(world.gateways.revision(), config().rev);
}

TEST_F(Withdrawals, UnknownIdsAreNamed) {
  const auto now = world.clock.system_now();
  EXPECT_EQ(world.withdrawals.suspend_user(world.admin(), models::user_id::make(now, world.random))
                .error(),
            errc::user_not_found);
  EXPECT_EQ(
      world.withdrawals
          .resume_subscription(world.admin(), models::subscription_id::make(now, world.random))
          .error(),
      errc::subscription_not_found);
}

}
}
