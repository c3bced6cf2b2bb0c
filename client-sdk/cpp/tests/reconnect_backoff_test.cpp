#include "httvps/sdk/reconnect_backoff.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace httvps::sdk {
namespace {

using namespace std::chrono_literals;

TEST(ReconnectBackoff, DoublesUpToItsLimitAndStartsOver) {
  base::seeded_random random(1);
  reconnect_backoff backoff({.least = 200ms, .most = 30s});
  for (const auto whole : {200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 12800ms, 25600ms}) {
    const auto delay = backoff.next(random);
    EXPECT_GE(delay, whole / 2);
    EXPECT_LE(delay, whole);
  }
  EXPECT_GE(backoff.next(random), 15s);
  EXPECT_LE(backoff.next(random), 30s);
  backoff.reset();
  EXPECT_LE(backoff.next(random), 200ms);
}

RC_GTEST_PROP(ReconnectBackoff, StaysWithinItsLimits, (std::uint64_t seed)) {
  base::seeded_random random(seed);
  reconnect_backoff backoff({.least = 200ms, .most = 30s});
  for (int attempt = 0; attempt < 40; ++attempt) {
    const auto delay = backoff.next(random);
    RC_ASSERT((delay >= 100ms && delay <= 30s));
  }
}

}
}
