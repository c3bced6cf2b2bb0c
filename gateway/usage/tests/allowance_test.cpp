#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>
#include <vector>

#include "httvps/gateway/usage/allowance_desk.hpp"
#include "httvps/gateway/usage/quota_account.hpp"
#include "httvps/gateway/usage/rate_gate.hpp"

namespace httvps::gateway {
namespace {

TEST(RateGate, LetsThroughItsRateOverTime) {
  base::manual_clock clock;
  rate_gate gate(8'000'000);
  base::byte_count passed = 0;
  for (int step = 0; step < 1000; ++step) {
    while (gate.is_open(clock.steady_now())) {
      gate.charge(16'320, clock.steady_now());
      passed += 16'320;
    }
    clock.advance(std::chrono::milliseconds(10));
  }
  EXPECT_GE(passed, 9'900'000U);
  EXPECT_LE(passed, 10'250'000U);
}

TEST(RateGate, QuietTimeGivesABurstOfATenthOfASecondOnly) {
  base::manual_clock clock;
  rate_gate gate(8'000'000);
  clock.advance(std::chrono::hours(1));
  base::byte_count passed = 0;
  while (gate.is_open(clock.steady_now())) {
    gate.charge(1000, clock.steady_now());
    passed += 1000;
  }
  EXPECT_GE(passed, 100'000U);
  EXPECT_LE(passed, 102'000U);
}

TEST(RateGate, SaysHowLongToWait) {
  base::manual_clock clock;
  rate_gate gate(8'000);
  EXPECT_EQ(gate.wait(clock.steady_now()), base::duration::zero());
  gate.charge(1100, clock.steady_now());
  EXPECT_EQ(gate.wait(clock.steady_now()), std::chrono::seconds(1));
  clock.advance(std::chrono::seconds(1));
  EXPECT_TRUE(gate.is_open(clock.steady_now()));
}

TEST(RateGate, ChangedRateCountsFromThenOn) {
  base::manual_clock clock;
  rate_gate gate(8'000);
  gate.change(80'000);
  gate.charge(2000, clock.steady_now());
  EXPECT_EQ(gate.wait(clock.steady_now()), std::chrono::milliseconds(100));
}

TEST(QuotaAccount, GivesNoMoreThanIsAllowed) {
  quota_account account;
  EXPECT_EQ(account.take_up_to(10), 0U);
  account.allow(100);
  EXPECT_TRUE(account.take(60));
  EXPECT_FALSE(account.take(41));
  EXPECT_EQ(account.take_up_to(100), 40U);
  EXPECT_EQ(account.left(), 0U);
  account.give_back(5);
  EXPECT_EQ(account.left(), 5U);
  EXPECT_EQ(account.used(), 95U);
}

TEST(QuotaAccount, LoweredAllowanceGivesNothing) {
  quota_account account;
  account.allow(100);
  EXPECT_TRUE(account.take(90));
  account.allow(50);
  EXPECT_EQ(account.left(), 0U);
  EXPECT_FALSE(account.take(1));
  EXPECT_EQ(account.take_up_to(1), 0U);
}

TEST(QuotaAccount, IsSpentWhenNoMoreComesAndAChunkMayNotFit) {
  quota_account account;
  account.allow(20'000);
  account.finish(lease_end::subscription_expired);
  EXPECT_EQ(account.end(), lease_end::subscription_expired);
  EXPECT_FALSE(account.is_spent());
  EXPECT_TRUE(account.take(3'681));
  EXPECT_TRUE(account.is_spent());
  account.reopen();
  EXPECT_FALSE(account.is_spent());
}

TEST(QuotaAccount, CountsWithoutALimitUntilItIsBound) {
  quota_account account;
  account.release();
  account.finish(lease_end::quota_exceeded);
  account.allow(1'000'000);
  account.charge(70);
  account.give_back(20);
  EXPECT_EQ(account.used(), 50U);
  account.allow(0);
  EXPECT_FALSE(account.is_spent());
  account.allow(1'000'000);
  account.bind();
  EXPECT_FALSE(account.is_final());
  EXPECT_EQ(account.take_up_to(1), 0U);
  account.allow(60);
  EXPECT_EQ(account.take_up_to(100), 10U);
  account.finish(lease_end::quota_exceeded);
  EXPECT_TRUE(account.is_spent());
}

TEST(SessionAllowance, IsUnlimitedUntilItsAccountIsBound) {
  session_allowance allowed;
  EXPECT_TRUE(allowed.is_unlimited());
  allowed.quota = std::make_shared<quota_account>();
  EXPECT_FALSE(allowed.is_unlimited());
  allowed.quota->release();
  EXPECT_TRUE(allowed.is_unlimited());
  allowed.up = std::make_shared<rate_gate>(1000);
  EXPECT_FALSE(allowed.is_unlimited());
}

TEST(QuotaAccount, SeveralThreadsTogetherTakeExactlyWhatIsThere) {
  quota_account account;
  account.allow(1'000'003);
  std::vector<base::byte_count> taken(4, 0);
  {
    std::vector<std::jthread> takers;
    for (auto& mine : taken) {
      takers.emplace_back([&account, &mine] {
        for (auto got = account.take_up_to(7); got > 0; got = account.take_up_to(7)) {
          mine += got;
        }
      });
    }
  }
  base::byte_count sum = 0;
  for (const auto mine : taken) {
    sum += mine;
  }
  EXPECT_EQ(sum, 1'000'003U);
  EXPECT_EQ(account.used(), 1'000'003U);
}

}
}
