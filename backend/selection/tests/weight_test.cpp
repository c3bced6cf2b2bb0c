#include "httvps/backend/selection/weight.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "httvps/backend/selection/moving_average.hpp"

namespace httvps::backend::selection {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

member_signals steady_signals() {
  return {.admin_weight = 2,
          .utilisation = 0.45,
          .error_rate = 0,
          .round_trip = std::chrono::milliseconds(35),
          .healthy_for = minutes(10),
          .report_age = seconds(5)};
}

TEST(Weight, UtilisationIsTheTightestOfThree) {
  const member_capacity capacity{.sessions = 100, .bits_per_second = 1000};
  EXPECT_DOUBLE_EQ(utilisation_of({.sessions = 50, .cpu = 0.1, .bits_per_second = 100}, capacity),
                   0.5);
  EXPECT_DOUBLE_EQ(utilisation_of({.sessions = 5, .cpu = 0.7, .bits_per_second = 100}, capacity),
                   0.7);
  EXPECT_DOUBLE_EQ(utilisation_of({.sessions = 5, .cpu = 0.1, .bits_per_second = 900}, capacity),
                   0.9);
  EXPECT_DOUBLE_EQ(utilisation_of({.sessions = 5, .cpu = 0.1, .bits_per_second = 900}, {}), 0.1);
}

TEST(Weight, HeadroomEndsAtNinetyPercent) {
  EXPECT_DOUBLE_EQ(headroom_of(0), 1);
  EXPECT_DOUBLE_EQ(headroom_of(0.45), 0.5);
  EXPECT_DOUBLE_EQ(headroom_of(0.9), 0.02);
  EXPECT_DOUBLE_EQ(headroom_of(5), 0.02);
  EXPECT_DOUBLE_EQ(headroom_of(-1), 1);
}

TEST(Weight, IsTheProductOfItsFactors) {
  const auto factors = weigh(steady_signals(), 1);
  EXPECT_DOUBLE_EQ(factors.admin, 2);
  EXPECT_DOUBLE_EQ(factors.headroom, 0.5);
  EXPECT_DOUBLE_EQ(factors.quality, 1);
  EXPECT_DOUBLE_EQ(factors.nearness, 1);
  EXPECT_DOUBLE_EQ(factors.slow_start, 1);
  EXPECT_DOUBLE_EQ(factors.weight(), 1);
}

TEST(Weight, ErrorsCostTwentyfold) {
  auto signals = steady_signals();
  signals.error_rate = 0.05;
  EXPECT_DOUBLE_EQ(weigh(signals, 1).quality, 0.5);
  signals.error_rate = 1;
  EXPECT_DOUBLE_EQ(weigh(signals, 1).quality, 1.0 / 21);
}

TEST(Weight, NearnessIsBoundedAndNeutralWhenUnknown) {
  auto signals = steady_signals();
  signals.round_trip = seconds(10);
  EXPECT_DOUBLE_EQ(weigh(signals, 1).nearness, 0.25);
  signals.round_trip = base::duration::zero();
  EXPECT_DOUBLE_EQ(weigh(signals, 1).nearness, 1.5);
  signals.round_trip.reset();
  EXPECT_DOUBLE_EQ(weigh(signals, 1).nearness, 1);
}

TEST(Weight, StartsSlowlyOverAMinute) {
  auto signals = steady_signals();
  signals.healthy_for = seconds(0);
  EXPECT_DOUBLE_EQ(weigh(signals, 1).slow_start, 0.1);
  signals.healthy_for = seconds(30);
  EXPECT_DOUBLE_EQ(weigh(signals, 1).slow_start, 0.55);
  signals.healthy_for = seconds(60);
  EXPECT_DOUBLE_EQ(weigh(signals, 1).slow_start, 1);
}

TEST(Weight, OldReportsCountHalfAndVeryOldOnesNotAtAll) {
  auto signals = steady_signals();
  signals.report_age = seconds(30);
  EXPECT_DOUBLE_EQ(weigh(signals, 0.7).freshness, 1);
  signals.report_age = seconds(31);
  EXPECT_DOUBLE_EQ(weigh(signals, 0.7).freshness, 0.5);
  EXPECT_DOUBLE_EQ(weigh(signals, 0.7).headroom, 0.5);
  signals.report_age = minutes(3) + seconds(1);
  EXPECT_DOUBLE_EQ(weigh(signals, 0.7).freshness, 1);
  EXPECT_DOUBLE_EQ(weigh(signals, 0.7).headroom, 0.7);
  signals.report_age = seconds(1);
  signals.utilisation.reset();
  EXPECT_DOUBLE_EQ(weigh(signals, 0.7).headroom, 0.7);
}

RC_GTEST_PROP(Weight, StaysWithinItsBounds, ()) {
  const auto part = [] { return *rc::gen::inRange(0, 3000) / 1000.0; };
  const member_signals signals{.admin_weight = 1,
                               .utilisation = part(),
                               .error_rate = part() / 3,
                               .round_trip = std::chrono::milliseconds(*rc::gen::inRange(0, 9000)),
                               .healthy_for = seconds(*rc::gen::inRange(0, 600)),
                               .report_age = seconds(*rc::gen::inRange(0, 600))};
  const auto weight = weigh(signals, 0.5).weight();
  RC_ASSERT(weight > 0);
  RC_ASSERT(weight <= 1.5);
}

TEST(MovingAverage, FollowsWithItsTimeConstant) {
  const base::steady_time start{seconds(100)};
  moving_average average{seconds(15)};
  EXPECT_FALSE(average.value());
  average.add(0, start);
  average.add(1, start + seconds(15));
  EXPECT_NEAR(*average.value(), 0.632, 0.001);
  average.add(1, start + seconds(10));
  EXPECT_NEAR(*average.value(), 0.632, 0.001);
}

}
}
