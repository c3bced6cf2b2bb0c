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

}
}
