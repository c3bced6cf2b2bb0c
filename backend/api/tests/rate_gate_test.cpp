#include "rate_gate.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::api {
namespace {

constexpr rate_limit slow{.burst = 2, .per_second = 0.25, .most_addresses = 2};

TEST(RateGate, SaysWhatIsLeftAndOfHowMuch) {
  base::manual_clock clock;
  const rate_gate gate("admin", slow, clock);
  const auto first = gate.admit("a");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->policy, R"("admin";q=2;w=8)");
  EXPECT_EQ(first->state, R"("admin";r=1;t=0)");
}

TEST(RateGate, RefusalSaysWhenToComeAgainAndThenAdmits) {
  base::manual_clock clock;
  const rate_gate gate("admin", slow, clock);
  ASSERT_TRUE(gate.admit("a"));
  ASSERT_TRUE(gate.admit("a"));
  const auto refused = gate.admit("a");
  ASSERT_FALSE(refused);
  const auto response = to_response(refused.error(), {});
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.find("Retry-After"), "4");
  EXPECT_EQ(response.headers.find("RateLimit"), R"("admin";r=0;t=4)");
  clock.advance(std::chrono::milliseconds(3900));
  EXPECT_FALSE(gate.admit("a"));
  clock.advance(std::chrono::milliseconds(200));
  EXPECT_TRUE(gate.admit("a"));
}

TEST(RateGate, FullTableRefusesNewcomers) {
  base::manual_clock clock;
  const rate_gate gate("admin", slow, clock);
  ASSERT_TRUE(gate.admit("a"));
  ASSERT_TRUE(gate.admit("b"));
  EXPECT_FALSE(gate.admit("c"));
}

}
}
