#include "httvps/base/jitter.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace httvps::base {
namespace {

using std::chrono::milliseconds;

TEST(Jitter, ATenthIsGivenOrTaken) {
  seeded_random random(2);
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

TEST(Jitter, OfALittleSpanIsNothing) {
  seeded_random random(3);
  EXPECT_EQ(give_or_take_a_tenth(milliseconds(0), random), milliseconds(0));
  EXPECT_EQ(give_or_take_a_tenth(milliseconds(9), random), milliseconds(9));
}

}
}
