#include "rate_gate.hpp"

#include <gtest/gtest.h>

namespace httvps::backend::api {
namespace {

constexpr rate_limit slow{.burst = 2, .per_second = 0.25, .most_addresses = 2};

TEST(RateGate, SaysWhatIsLeftAndOfHowMuch) {
  base::manual_clock clock;
  const rate_gate gate("admin", slow, {.clock = clock});
  const auto first = gate.admit("a");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->policy, R"("admin";q=2;w=8)");
  EXPECT_EQ(first->state, R"("admin";r=1;t=0)");
}

TEST(RateGate, RefusalSaysWhenToComeAgainAndThenAdmits) {
  base::manual_clock clock;
  const rate_gate gate("admin", slow, {.clock = clock});
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

struct scripted_buckets final : shared::token_buckets {
  base::result<shared::bucket_level> take(const shared::bucket_order& wanted) override {
    asked.emplace_back(wanted.policy);
    return next;
  }
  base::result<> give_back(const shared::bucket_order& taken) override {
    returned.emplace_back(taken.who);
    return next ? base::result<>() : base::fail(next.error());
  }

  base::result<shared::bucket_level> next = shared::bucket_level{};
  std::vector<std::string> asked;
  std::vector<std::string> returned;
};

TEST(RateGate, AsksTheSharedBucketFirst) {
  base::manual_clock clock;
  scripted_buckets buckets;
  const rate_gate gate("admin", slow, {.clock = clock, .buckets = &buckets});
  buckets.next = shared::bucket_level{.is_admitted = true, .tokens = 1.5};
  for (int call = 0; call < 9; ++call) {
    EXPECT_TRUE(gate.admit("a"));
  }
  buckets.next = shared::bucket_level{.is_admitted = false, .tokens = 0.5};
  const auto refused = gate.admit("a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().retry_after, std::chrono::seconds(2));
  EXPECT_EQ(buckets.asked, std::vector<std::string>(10, "admin"));
}

TEST(RateGate, CountsInMemoryWhileTheSharedBucketIsAway) {
  base::manual_clock clock;
  scripted_buckets buckets;
  const rate_gate gate("admin", slow, {.clock = clock, .buckets = &buckets});
  buckets.next = base::fail(base::errc::io_failure);
  EXPECT_TRUE(gate.admit("a"));
  EXPECT_TRUE(gate.admit("a"));
  EXPECT_FALSE(gate.admit("a"));
  gate.give_back("a");
  EXPECT_TRUE(gate.admit("a"));
  EXPECT_FALSE(gate.admit("a"));
}

TEST(RateGate, GivesBackWhereItTook) {
  base::manual_clock clock;
  scripted_buckets buckets;
  const rate_gate gate("admin", slow, {.clock = clock, .buckets = &buckets});
  buckets.next = shared::bucket_level{.is_admitted = true, .tokens = 1};
  ASSERT_TRUE(gate.admit("a"));
  gate.give_back("a");
  EXPECT_EQ(buckets.returned, std::vector<std::string>{"a"});
}

TEST(RateGate, FullTableRefusesNewcomers) {
  base::manual_clock clock;
  const rate_gate gate("admin", slow, {.clock = clock});
  ASSERT_TRUE(gate.admit("a"));
  ASSERT_TRUE(gate.admit("b"));
  EXPECT_FALSE(gate.admit("c"));
}

}
}
