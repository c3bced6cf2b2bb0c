#include <gtest/gtest.h>

#include "support/quota_world.hpp"

namespace httvps::backend {
namespace {

using models::reset_period;
using std::chrono::hours;

constexpr base::byte_count mib = base::mebibyte;

class RepeatedReset : public testing::Test, protected test_support::quota_world {
 protected:
  RepeatedReset() : quota_world(100 * mib) {}

  void SetUp() override {
    const auto end = *now().period_end;
    world.clock.advance(end - world.clock.system_now() + hours(24 * 9));
  }
  services::subscription_report now() {
    return world.accounts.subscription(subscription.subject.id).value();
  }
  services::subscription_report reset() {
    return world.accounts.reset_usage(world.admin(), subscription.subject.id).value();
  }
  void count_by(reset_period kind) {
    ASSERT_TRUE(world.accounts.change_plan(world.admin(), terms.id, {.reset = kind}));
  }
  base::byte_count ledger() {
    return world.usage.summary({.first_day = "0000-01-01", .last_day = "9999-12-31"}, {})
        ->total.total();
  }
};

TEST_F(RepeatedReset, InAnotherKindKeepsTheFirst) {
  report(first, "0a", 60 * mib);
  ASSERT_EQ(reset().counted.total(), 0U);
  count_by(reset_period::day);
  report(first, "0a", 70 * mib);
  ASSERT_EQ(now().counted.total(), 10 * mib);
  ASSERT_EQ(reset().counted.total(), 0U);
  count_by(reset_period::month);
  EXPECT_EQ(now().used.total(), 60 * mib);
  EXPECT_EQ(now().counted.total(), 0U);
  report(first, "0a", 75 * mib);
  EXPECT_EQ(now().counted.total(), 5 * mib);
  count_by(reset_period::day);
  EXPECT_EQ(now().counted.total(), 0U);
  EXPECT_EQ(ledger(), 75 * mib);
}

TEST_F(RepeatedReset, InTheSameKindForgivesAllBeforeTheLatest) {
  report(first, "0a", 60 * mib);
  reset();
  report(first, "0a", 65 * mib);
  EXPECT_EQ(reset().counted.total(), 0U);
  report(first, "0a", 66 * mib);
  EXPECT_EQ(now().counted.total(), mib);
  EXPECT_EQ(now().used.total(), 66 * mib);
}

TEST_F(RepeatedReset, ComposesWithThePeriodicOne) {
  report(first, "0a", 60 * mib);
  reset();
  world.clock.advance(*now().period_end - world.clock.system_now());
  report(first, "0a", 90 * mib);
  EXPECT_EQ(now().counted.total(), 30 * mib);
  reset();
  report(first, "0a", 92 * mib);
  EXPECT_EQ(now().counted.total(), 2 * mib);
  EXPECT_EQ(ledger(), 92 * mib);
}

TEST_F(RepeatedReset, HoldsForValidationAndLeasesOfThePeriodThatCameBack) {
  report(first, "0a", 100 * mib);
  reset();
  count_by(reset_period::day);
  reset();
  count_by(reset_period::month);
  const auto renewed = world.devices.renew(second, device.answer.device.id);
  ASSERT_TRUE(renewed);
  const auto outcome = world.validate(second, renewed->token);
  const auto* admitted = std::get_if<services::admitted_device>(&outcome);
  ASSERT_NE(admitted, nullptr);
  EXPECT_EQ(admitted->remaining, 100 * mib);
  EXPECT_EQ(lease(second, "0b", {.want = 16 * mib}).granted, 16 * mib);
}

}
}
