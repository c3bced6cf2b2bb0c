#include "httvps/backend/api/rate_limiter.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::api {
namespace {

constexpr rate_limit small{.burst = 2, .per_second = 1, .most_addresses = 2};

TEST(RateLimiter, AdmitsABurstAndThenTheRate) {
  base::manual_clock clock;
  rate_limiter limiter(small, clock);
  EXPECT_TRUE(limiter.take("a").admitted);
  EXPECT_TRUE(limiter.take("a").admitted);
  EXPECT_FALSE(limiter.take("a").admitted);
  clock.advance(std::chrono::milliseconds(999));
  EXPECT_FALSE(limiter.take("a").admitted);
  clock.advance(std::chrono::milliseconds(2));
  EXPECT_TRUE(limiter.take("a").admitted);
  EXPECT_FALSE(limiter.take("a").admitted);
}

TEST(RateLimiter, CountsEachAddressApart) {
  base::manual_clock clock;
  rate_limiter limiter(small, clock);
  EXPECT_TRUE(limiter.take("a").admitted);
  EXPECT_TRUE(limiter.take("a").admitted);
  EXPECT_TRUE(limiter.take("b").admitted);
}

TEST(RateLimiter, RemembersABoundedNumberOfAddresses) {
  base::manual_clock clock;
  rate_limiter limiter(small, clock);
  EXPECT_TRUE(limiter.take("a").admitted);
  EXPECT_TRUE(limiter.take("b").admitted);
  EXPECT_FALSE(limiter.take("c").admitted);
  EXPECT_EQ(limiter.addresses(), 2U);
  clock.advance(std::chrono::seconds(2));
  EXPECT_TRUE(limiter.take("c").admitted);
  EXPECT_EQ(limiter.addresses(), 1U);
}

}
}
