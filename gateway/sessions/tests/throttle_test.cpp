#include "../src/throttle.hpp"

#include <gtest/gtest.h>

namespace httvps::gateway {
namespace {

struct Throttle : ::testing::Test {
  static std::shared_ptr<quota_account> free_account() {
    auto account = std::make_shared<quota_account>();
    account->release();
    return account;
  }

  base::manual_clock clock;
};

TEST_F(Throttle, CountsWhatPassesWithoutALimit) {
  const auto account = free_account();
  throttle pace({.quota = account}, clock);
  EXPECT_EQ(pace.take_up(1'000'000), 1'000'000U);
  EXPECT_TRUE(pace.take_down(500));
  pace.give_back(200);
  EXPECT_EQ(account->used(), 1'000'300U);
}

TEST_F(Throttle, CountsWhatPassesAtARateWithoutAQuota) {
  const auto account = free_account();
  throttle pace({.up = std::make_shared<rate_gate>(8'000'000), .quota = account}, clock);
  const auto taken = pace.take_up(1'000'000);
  EXPECT_GT(taken, 0U);
  EXPECT_EQ(account->used(), taken);
}

TEST_F(Throttle, HoldsBackFromTheMomentThatAQuotaBinds) {
  const auto account = free_account();
  throttle pace({.quota = account}, clock);
  account->bind();
  EXPECT_EQ(pace.take_up(10), 0U);
  EXPECT_FALSE(pace.take_down(10));
  EXPECT_FALSE(pace.is_spent());
  account->finish(lease_end::quota_exceeded);
  EXPECT_TRUE(pace.is_spent());
  account->release();
  EXPECT_FALSE(pace.is_spent());
  EXPECT_EQ(pace.take_up(10), 10U);
}

TEST_F(Throttle, TakesWhatIsOnItsWayAlongToAnotherAccount) {
  const auto former = free_account();
  const auto next = free_account();
  former->charge(5000);
  next->charge(1000);
  throttle pace({.quota = former}, clock);
  ASSERT_EQ(pace.take_up(300), 300U);
  pace.change({.quota = next}, 300);
  pace.give_back(100);
  EXPECT_EQ(former->used(), 5000U);
  EXPECT_EQ(next->used(), 1200U);
}

TEST_F(Throttle, CountsOnInTheSameAccountWhenOnlyItsRatesChange) {
  const auto account = free_account();
  throttle pace({.quota = account}, clock);
  ASSERT_EQ(pace.take_up(300), 300U);
  pace.change({.up = std::make_shared<rate_gate>(8'000'000), .quota = account}, 300);
  pace.give_back(100);
  EXPECT_EQ(account->used(), 200U);
}

TEST_F(Throttle, OfASessionWithoutAnAccountLetsEverythingPass) {
  throttle pace({}, clock);
  EXPECT_EQ(pace.take_up(1'000'000), 1'000'000U);
  EXPECT_TRUE(pace.take_down(1'000'000));
}

}
}
