#include "httvps/backend/selection/health.hpp"

#include <gtest/gtest.h>

#include "httvps/backend/selection/panic_rule.hpp"

namespace httvps::backend::selection {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const base::steady_time start{std::chrono::hours(1)};

TEST(Health, FollowsTheSilence) {
  EXPECT_EQ(health_after(seconds(0)), health::healthy);
  EXPECT_EQ(health_after(milliseconds(14999)), health::healthy);
  EXPECT_EQ(health_after(seconds(15)), health::suspect);
  EXPECT_EQ(health_after(milliseconds(29999)), health::suspect);
  EXPECT_EQ(health_after(seconds(30)), health::out);
  EXPECT_EQ(health_after(minutes(10) - seconds(1)), health::out);
  EXPECT_EQ(health_after(minutes(10)), health::gone);
}

TEST(Panic, BeginsWhenMostFallSilentTogether) {
  panic_rule rule;
  rule.update({.members = 10, .silent = 5, .newly_silent = 5}, start);
  EXPECT_FALSE(rule.is_active());
  rule.update({.members = 10, .silent = 6, .newly_silent = 6}, start);
  EXPECT_TRUE(rule.is_active());
}

TEST(Panic, NeedsThreeMembers) {
  panic_rule rule;
  rule.update({.members = 2, .silent = 2, .newly_silent = 2}, start);
  EXPECT_FALSE(rule.is_active());
}

TEST(Panic, IgnoresMembersThatWentOneAfterAnother) {
  panic_rule rule;
  rule.update({.members = 10, .silent = 8, .newly_silent = 2}, start);
  EXPECT_FALSE(rule.is_active());
}

TEST(Panic, LastsUntilMostAreHeardAgain) {
  panic_rule rule;
  rule.update({.members = 10, .silent = 6, .newly_silent = 6}, start);
  rule.update({.members = 10, .silent = 6, .newly_silent = 0}, start + minutes(5));
  EXPECT_TRUE(rule.is_active());
  rule.update({.members = 10, .silent = 5, .newly_silent = 0}, start + minutes(6));
  EXPECT_FALSE(rule.is_active());
}

TEST(Panic, HoldsWhoFellSilentWithIt) {
  panic_rule rule;
  EXPECT_FALSE(rule.holds(start));
  rule.update({.members = 3, .silent = 2, .newly_silent = 2}, start);
  EXPECT_TRUE(rule.holds(start - seconds(60)));
  EXPECT_TRUE(rule.holds(start + minutes(2)));
  EXPECT_FALSE(rule.holds(start - seconds(61)));
}

}
}
