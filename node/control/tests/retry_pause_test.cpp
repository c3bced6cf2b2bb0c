#include "httvps/node/control/retry_pause.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace httvps::node {
namespace {

using std::chrono::milliseconds;

TEST(RetryPause, GrowsToItsLimitAndStartsAgain) {
  base::seeded_random random(1);
  retry_pause pause({.least = milliseconds(100), .most = milliseconds(1000)});
  milliseconds whole(100);
  for (int round = 0; round < 10; ++round) {
    const auto taken = pause.next(random);
    EXPECT_GE(taken, whole / 2);
    EXPECT_LE(taken, whole);
    whole = std::min(whole * 2, milliseconds(1000));
  }
  pause.reset();
  EXPECT_LE(pause.next(random), milliseconds(100));
}

TEST(RetryPause, ATenthIsGivenOrTaken) {
  base::seeded_random random(2);
  milliseconds least(5000);
  milliseconds most(5000);
  for (int round = 0; round < 2000; ++round) {
    const auto span = give_or_take_a_tenth(milliseconds(5000), random);
    least = std::min(least, span);
    most = std::max(most, span);
  }
  EXPECT_GE(least, milliseconds(4500));
  EXPECT_LT(least, milliseconds(4550));
  EXPECT_LE(most, milliseconds(5500));
  EXPECT_GT(most, milliseconds(5450));
}

}
}
