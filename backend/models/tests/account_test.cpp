#include "httvps/backend/models/account.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace httvps::backend::models {
namespace {

using namespace std::chrono;

base::system_time date(int year, unsigned month, unsigned day, int hour = 0) {
  const sys_days midnight =
      std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return base::system_time(midnight.time_since_epoch()) + hours(hour);
}

subscription running() {
  subscription subject;
  subject.starts_at = date(2026, 1, 31, 9);
  subject.expires_at = date(2026, 12, 31);
  return subject;
}

subscription_standing standing(const subscription& subject, const plan& terms, traffic used = {}) {
  return standing_of(
      {.subject = subject, .terms = terms, .used = used, .now = date(2026, 6, 15, 12)});
}

TEST(Standing, IsActiveInsideItsTime) {
  EXPECT_EQ(standing(running(), plan{}), subscription_standing::active);
}

TEST(Standing, IsPendingBeforeItStarts) {
  auto subject = running();
  subject.starts_at = date(2026, 7, 1);
  EXPECT_EQ(standing(subject, plan{}), subscription_standing::pending);
}

TEST(Standing, ExpiresAtTheVeryMoment) {
  auto subject = running();
  subject.expires_at = date(2026, 6, 15, 12);
  EXPECT_EQ(standing(subject, plan{}), subscription_standing::expired);
  *subject.expires_at += seconds(1);
  EXPECT_EQ(standing(subject, plan{}), subscription_standing::active);
}

TEST(Standing, IsLimitedWhenTheQuotaIsReachedToTheByte) {
  plan terms;
  terms.quota_bytes = 1000;
  EXPECT_EQ(standing(running(), terms, {.up = 400, .down = 599}), subscription_standing::active);
  EXPECT_EQ(standing(running(), terms, {.up = 400, .down = 600}), subscription_standing::limited);
}

TEST(Standing, SuspensionWinsOverQuotaAndCancellationOverAll) {
  auto subject = running();
  subject.suspended_at = date(2026, 6, 1);
  EXPECT_EQ(standing(subject, plan{}), subscription_standing::suspended);
  subject.state = subscription_state::cancelled;
  EXPECT_EQ(standing(subject, plan{}), subscription_standing::cancelled);
}

TEST(CountedUse, IsWhatWasNotForgivenOfItsPeriod) {
  auto subject = running();
  const period_use use{.used = {.up = 100, .down = 50}, .forgiven = {.up = 40, .down = 60}};
  const auto period = date(2026, 6, 1);
  EXPECT_EQ(subject.counted_of(use, period), (traffic{.up = 60, .down = 0}));
  subject.forgiven = {.period = period, .counted = {.up = 90, .down = 10}};
  EXPECT_EQ(subject.counted_of(use, period), (traffic{.up = 10, .down = 0}));
  EXPECT_EQ(subject.counted_of(use, date(2026, 7, 1)), (traffic{.up = 60, .down = 0}));
}

TEST(Traffic, TotalSaturates) {
  const traffic huge{.up = largest_counter, .down = 1};
  EXPECT_EQ(huge.total(), largest_counter);
}

TEST(Period, CalendarPeriodsStartAtMidnightUtc) {
  const auto now = date(2026, 6, 18, 13);
  const auto anchor = date(2026, 1, 31, 9);
  EXPECT_EQ(period_start(reset_period::none, anchor, now), anchor);
  EXPECT_EQ(period_start(reset_period::day, anchor, now), date(2026, 6, 18));
  EXPECT_EQ(period_start(reset_period::week, anchor, now), date(2026, 6, 15));
  EXPECT_EQ(period_start(reset_period::month, anchor, now), date(2026, 6, 1));
}

TEST(Period, RollingMonthKeepsTheAnchorDayAndClampsShortMonths) {
  const auto anchor = date(2026, 1, 31, 9);
  EXPECT_EQ(period_start(reset_period::month_rolling, anchor, date(2026, 2, 10)), anchor);
  EXPECT_EQ(period_start(reset_period::month_rolling, anchor, date(2026, 3, 1)), date(2026, 2, 28));
  EXPECT_EQ(period_start(reset_period::month_rolling, anchor, date(2026, 6, 30)),
            date(2026, 6, 30));
  EXPECT_EQ(period_start(reset_period::month_rolling, anchor, date(2026, 6, 29)),
            date(2026, 5, 31));
}

TEST(Period, YearRollsOnTheAnchorDate) {
  const auto anchor = date(2024, 2, 29);
  EXPECT_EQ(period_start(reset_period::year, anchor, date(2026, 2, 28)), date(2026, 2, 28));
  EXPECT_EQ(period_start(reset_period::year, anchor, date(2026, 2, 27)), date(2025, 2, 28));
}

TEST(Period, EndsWhereTheNextOneStarts) {
  const auto now = date(2026, 1, 30, 13);
  const auto anchor = date(2025, 8, 31, 9);
  EXPECT_EQ(period_end(reset_period::none, anchor, now), std::nullopt);
  EXPECT_EQ(period_end(reset_period::day, anchor, now), date(2026, 1, 31));
  EXPECT_EQ(period_end(reset_period::week, anchor, now), date(2026, 2, 2));
  EXPECT_EQ(period_end(reset_period::month, anchor, now), date(2026, 2, 1));
  EXPECT_EQ(period_end(reset_period::month_rolling, anchor, now), date(2026, 1, 31));
  EXPECT_EQ(period_end(reset_period::month_rolling, anchor, date(2026, 1, 31)), date(2026, 2, 28));
  EXPECT_EQ(period_end(reset_period::year, anchor, now), date(2026, 8, 31));
  EXPECT_EQ(period_end(reset_period::year, date(2024, 2, 29), date(2027, 3, 1)), date(2028, 2, 29));
}

RC_GTEST_PROP(PeriodProperty, PeriodsFollowEachOtherWithoutGapOrOverlap,
              (std::uint32_t anchor_minutes, std::uint32_t later_minutes)) {
  using std::chrono::minutes;
  const auto anchor = date(2020, 1, 1) + minutes(anchor_minutes % 5'000'000);
  const auto now = anchor + minutes(later_minutes % 5'000'000);
  for (const auto reset : {reset_period::day, reset_period::week, reset_period::month,
                           reset_period::month_rolling, reset_period::year}) {
    const auto start = period_start(reset, anchor, now);
    const auto end = *period_end(reset, anchor, now);
    RC_ASSERT((start <= now && now < end));
    RC_ASSERT((period_start(reset, anchor, end - std::chrono::microseconds(1)) == start));
    RC_ASSERT((period_start(reset, anchor, end) == end));
  }
}

}
}
