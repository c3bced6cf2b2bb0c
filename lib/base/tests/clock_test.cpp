#include "httvps/base/clock.hpp"

#include <gtest/gtest.h>

namespace httvps::base {
namespace {

TEST(Clock, WritesRfc3339InUtcWithMilliseconds) {
  const auto moment = from_unix_seconds(1'763'761'479) + std::chrono::milliseconds(12);
  EXPECT_EQ(to_rfc3339(moment), "2025-11-21T21:44:39.012Z");
}

TEST(Clock, RoundsDownToWholeUnits) {
  const auto moment = from_unix_seconds(100) + std::chrono::milliseconds(999);
  EXPECT_EQ(to_unix_seconds(moment), 100);
  EXPECT_EQ(to_unix_milliseconds(moment), 100'999);
  EXPECT_EQ(to_unix_seconds(from_unix_seconds(0) - std::chrono::milliseconds(1)), -1);
}

TEST(Clock, ManualClockMovesBothReadingsTogether) {
  manual_clock clock;
  const auto steady = clock.steady_now();
  const auto system = clock.system_now();
  clock.advance(std::chrono::minutes(2));
  EXPECT_EQ(clock.steady_now() - steady, std::chrono::minutes(2));
  EXPECT_EQ(clock.system_now() - system, std::chrono::minutes(2));
}

}
}
