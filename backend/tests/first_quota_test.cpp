#include <gtest/gtest.h>

#include "support/quota_world.hpp"

namespace httvps::backend {
namespace {

using bytes = std::optional<base::byte_count>;

constexpr base::byte_count mib = base::mebibyte;

class FirstQuota : public testing::Test, protected test_support::quota_world {
 protected:
  FirstQuota() : quota_world(100 * mib) {}

  void SetUp() override { set_quota(std::nullopt); }

  void set_quota(bytes quota) {
    services::plan_amendment wanted;
    wanted.quota_bytes.emplace(quota);
    ASSERT_TRUE(world.accounts.change_plan(world.admin(), terms.id, wanted));
  }
  void set_own_quota(bytes quota) {
    services::subscription_amendment wanted;
    wanted.quota_bytes.emplace(quota);
    ASSERT_TRUE(world.accounts.change_subscription(world.admin(), subscription.subject.id, wanted));
  }
  void expect_each_byte_debited_once() {
    const auto granted = lease(first, "0a", {.used = 36 * mib, .want = 10 * mib});
    EXPECT_EQ(granted.granted, 46 * mib);
    EXPECT_EQ(granted.remaining, 54 * mib);
    report(first, "0a", 40 * mib);
    EXPECT_EQ(lease(second, "0b", {.want = 0}).remaining, 54 * mib);
    report(first, "0a", 46 * mib);
    EXPECT_EQ(lease(second, "0b", {.want = 0}).remaining, 54 * mib);
    EXPECT_EQ(lease(first, "0a", {.used = 46 * mib, .want = 0}).remaining, 54 * mib);
  }
};

TEST_F(FirstQuota, OfAPlanDebitsWhatWasReportedBeforeItAndWhatWasNotEachOnce) {
  report(first, "0a", 30 * mib);
  set_quota(100 * mib);
  expect_each_byte_debited_once();
}

TEST_F(FirstQuota, OfASubscriptionDebitsTheSame) {
  report(first, "0a", 30 * mib);
  set_own_quota(100 * mib);
  expect_each_byte_debited_once();
}

TEST_F(FirstQuota, DebitsWhatNoReportToldBeforeIt) {
  set_quota(100 * mib);
  const auto granted = lease(first, "0a", {.used = 36 * mib, .want = 10 * mib});
  EXPECT_EQ(granted.remaining, 54 * mib);
  report(first, "0a", 36 * mib);
  EXPECT_EQ(lease(second, "0b", {.want = 0}).remaining, 54 * mib);
}

TEST_F(FirstQuota, GatewayThatCountsFromItOnIsDebitedForWhatItLetsPass) {
  report(first, "0a", 30 * mib);
  set_quota(100 * mib);
  const auto granted = lease(first, "0a", {.used = 0, .want = 10 * mib});
  EXPECT_EQ(granted.granted, 10 * mib);
  EXPECT_EQ(granted.remaining, 60 * mib);
  EXPECT_EQ(lease(second, "0b", {.want = 0}).remaining, 60 * mib);
  report(first, "0a", 40 * mib);
  EXPECT_EQ(lease(first, "0a", {.used = 10 * mib, .want = 0}).remaining, 60 * mib);
}

TEST_F(FirstQuota, LeaseOfAQuotaThatWasTakenBackIsGivenBack) {
  set_quota(100 * mib);
  ASSERT_EQ(lease(first, "0a", {.want = 40 * mib}).granted, 40 * mib);
  set_quota(std::nullopt);
  EXPECT_EQ(lease(first, "0a", {.used = 5 * mib, .want = 0}).granted, 5 * mib);
  set_quota(100 * mib);
  EXPECT_EQ(lease(second, "0b", {.want = 0}).remaining, 95 * mib);
}

}
}
