#include "httvps/backend/models/quota.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::models {
namespace {

constexpr base::byte_count mib = base::mebibyte;

base::system_time at(int second) {
  return base::system_time(std::chrono::seconds(1'800'000'000 + second));
}

quota_lease held(base::byte_count granted, base::byte_count rolled_up = 0) {
  return {.granted = granted, .rolled_up = rolled_up, .renewed_at = at(0)};
}

TEST(QuotaLease, GivesWhatIsWishedBeyondWhatIsUsed) {
  const auto made = decide_lease(held(4 * mib), {.budget = 1024 * mib},
                                 {.used = 2 * mib, .want = 32 * mib, .asked_at = at(1)});
  EXPECT_EQ(made.lease.granted, 34 * mib);
  EXPECT_EQ(made.remaining, 990 * mib);
  EXPECT_EQ(made.lease.renewed_at, at(1));
}

TEST(QuotaLease, GivesAtMostHalfOfWhatRemains) {
  const auto made =
      decide_lease(held(0), {.budget = 100 * mib}, {.want = 256 * mib, .asked_at = at(1)});
  EXPECT_EQ(made.lease.granted, 50 * mib);
  EXPECT_EQ(made.remaining, 50 * mib);
}

TEST(QuotaLease, HalfIsNeverLessThanTheFloorAndAllOfALittle) {
  EXPECT_EQ(largest_share(100 * mib), 50 * mib);
  EXPECT_EQ(largest_share(8 * mib), 4 * mib);
  EXPECT_EQ(largest_share(6 * mib), 4 * mib);
  EXPECT_EQ(largest_share(3 * mib), 3 * mib);
  EXPECT_EQ(largest_share(0), 0U);
}

TEST(QuotaLease, SmallerWishTakesNothingBack) {
  const auto made = decide_lease(held(64 * mib), {.budget = 100 * mib},
                                 {.used = mib, .want = 4 * mib, .asked_at = at(1)});
  EXPECT_EQ(made.lease.granted, 64 * mib);
  EXPECT_EQ(made.remaining, 36 * mib);
}

TEST(QuotaLease, NothingWishedGivesTheRestBack) {
  const auto made = decide_lease(held(64 * mib), {.budget = 100 * mib},
                                 {.used = 10 * mib, .want = 0, .asked_at = at(1)});
  EXPECT_EQ(made.lease.granted, 10 * mib);
  EXPECT_EQ(made.remaining, 90 * mib);
}

TEST(QuotaLease, OlderCallGivesNothingBack) {
  auto newer = held(64 * mib);
  newer.renewed_at = at(5);
  const auto made =
      decide_lease(newer, {.budget = 100 * mib}, {.used = 10 * mib, .want = 0, .asked_at = at(4)});
  EXPECT_EQ(made.lease.granted, 64 * mib);
  EXPECT_EQ(made.lease.renewed_at, at(5));
}

TEST(QuotaLease, WhatWasUsedBeyondTheGrantIsDebited) {
  const auto made = decide_lease(held(4 * mib), {.budget = 100 * mib},
                                 {.used = 60 * mib, .want = 4 * mib, .asked_at = at(1)});
  EXPECT_EQ(made.lease.granted, 64 * mib);
  EXPECT_EQ(made.remaining, 36 * mib);
  const auto over = decide_lease(held(4 * mib), {.budget = 50 * mib},
                                 {.used = 60 * mib, .want = 4 * mib, .asked_at = at(1)});
  EXPECT_EQ(over.lease.granted, 60 * mib);
  EXPECT_EQ(over.remaining, 0U);
}

TEST(QuotaLease, FirstOneDebitsWhatWasUsedBeforeItAndIsNotRolledUp) {
  const auto made = decide_lease(held(0, 30 * mib), {.budget = 70 * mib},
                                 {.used = 36 * mib, .want = 4 * mib, .asked_at = at(1)});
  EXPECT_EQ(made.lease.granted, 40 * mib);
  EXPECT_EQ(made.lease.rolled_up, 30 * mib);
  EXPECT_EQ(made.remaining, 60 * mib);
}

TEST(QuotaLease, FirstOneOfAnEpochThatCountsFromItOnLeavesOutWhatWasRolledUp) {
  const auto made = decide_lease(held(0, 30 * mib), {.budget = 70 * mib},
                                 {.used = 0, .want = 4 * mib, .asked_at = at(1)});
  EXPECT_EQ(made.lease.rolled_up, 0U);
  EXPECT_EQ(made.lease.outstanding(), 4 * mib);
  EXPECT_EQ(made.remaining, 66 * mib);
}

TEST(QuotaLease, WhatIsRolledUpIsNotDebitedTwice) {
  const auto made = decide_lease(held(64 * mib, 60 * mib), {.budget = 40 * mib},
                                 {.used = 62 * mib, .want = 8 * mib, .asked_at = at(1)});
  EXPECT_EQ(made.lease.granted, 70 * mib);
  EXPECT_EQ(made.remaining, 30 * mib);
  EXPECT_EQ(held(4 * mib, 5 * mib).outstanding(), 0U);
}

TEST(QuotaLease, WithdrawnSubscriptionGetsNothingMoreButSettles) {
  const lease_terms withdrawn{.budget = 100 * mib, .mood = lease_mood::only_settles};
  const auto more =
      decide_lease(held(4 * mib), withdrawn, {.used = 2 * mib, .want = 8 * mib, .asked_at = at(1)});
  EXPECT_EQ(more.lease.granted, 4 * mib);
  EXPECT_EQ(more.remaining, 0U);
  const auto back =
      decide_lease(held(4 * mib), withdrawn, {.used = 2 * mib, .want = 0, .asked_at = at(1)});
  EXPECT_EQ(back.lease.granted, 2 * mib);
}

TEST(QuotaLease, NumbersAtTheirEndDoNotOverflow) {
  const auto made =
      decide_lease(held(largest_counter - 1), {.budget = largest_counter},
                   {.used = largest_counter - 1, .want = largest_counter, .asked_at = at(1)});
  EXPECT_EQ(made.lease.granted, largest_counter);
  EXPECT_EQ(made.remaining, 0U);
}

}
}
