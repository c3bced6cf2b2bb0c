#include "httvps/gateway/outline/node_choice.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace httvps::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::steady_time start{std::chrono::hours(1)};

node_load load_of(milliseconds latency, std::size_t in_flight = 0, std::uint32_t weight = 1000) {
  return {.latency = latency, .in_flight = in_flight, .weight = weight};
}

TEST(PeakLatency, RisesAtOnceAndFallsWithItsTimeConstant) {
  peak_latency latency;
  EXPECT_FALSE(latency.value());
  latency.observe(milliseconds(10), start);
  latency.observe(milliseconds(110), start + seconds(1));
  EXPECT_EQ(latency.value(), milliseconds(110));
  latency.observe(milliseconds(10), start + seconds(11));
  EXPECT_NEAR(std::chrono::duration<double>(*latency.value()).count(), 0.0468, 0.0005);
  latency.observe(milliseconds(10), start + seconds(90));
  EXPECT_LT(*latency.value(), milliseconds(11));
}

TEST(PeakLatency, TimeThatRunsBackwardsCountsAsNone) {
  peak_latency latency;
  latency.observe(milliseconds(50), start);
  latency.observe(milliseconds(10), start - seconds(5));
  EXPECT_EQ(latency.value(), milliseconds(50));
}

TEST(NodeChoice, CostIsLatencyTimesWorkOverWeight) {
  EXPECT_DOUBLE_EQ(cost_of(load_of(milliseconds(20), 0, 1)), 0.020);
  EXPECT_DOUBLE_EQ(cost_of(load_of(milliseconds(20), 4, 1)), 0.100);
  EXPECT_DOUBLE_EQ(cost_of(load_of(milliseconds(20), 4, 10)), 0.010);
  EXPECT_DOUBLE_EQ(cost_of(load_of(milliseconds(20), 0, 0)), 0.020);
}

TEST(NodeChoice, StaysWithTheFirstUnlessAnotherIsTwiceAsGood) {
  base::seeded_random random(1);
  const std::vector<node_load> close{load_of(milliseconds(20)), load_of(milliseconds(11))};
  EXPECT_EQ(choose_node(close, random), 0U);
  const std::vector<node_load> far{load_of(milliseconds(20)), load_of(milliseconds(9))};
  EXPECT_EQ(choose_node(far, random), 1U);
}

TEST(NodeChoice, LeavesABusyOrFailingFirst) {
  base::seeded_random random(2);
  const std::vector<node_load> busy{load_of(milliseconds(10), 30), load_of(milliseconds(10), 3)};
  EXPECT_EQ(choose_node(busy, random), 1U);
  peak_latency failed;
  failed.observe(milliseconds(10), start);
  failed.observe(failure_latency, start + seconds(1));
  const std::vector<node_load> failing{{.latency = failed.value(), .in_flight = 0, .weight = 1000},
                                       load_of(milliseconds(10), 100)};
  EXPECT_EQ(choose_node(failing, random), 1U);
}

TEST(NodeChoice, WithoutNewsItIsTheFirst) {
  base::seeded_random random(3);
  EXPECT_EQ(choose_node({}, random), 0U);
  const std::vector<node_load> one{load_of(seconds(9))};
  EXPECT_EQ(choose_node(one, random), 0U);
  const std::vector<node_load> unknown{load_of(seconds(9)), {}};
  EXPECT_EQ(choose_node(unknown, random), 0U);
  const std::vector<node_load> fresh{{}, load_of(milliseconds(1))};
  EXPECT_EQ(choose_node(fresh, random), 0U);
}

TEST(NodeChoice, ComparesWithEachOfTheOthersInTurn) {
  base::seeded_random random(4);
  const std::vector<node_load> three{load_of(milliseconds(90)), load_of(milliseconds(10)),
                                     load_of(milliseconds(10))};
  std::set<std::size_t> chosen;
  for (int i = 0; i < 50; ++i) {
    chosen.insert(choose_node(three, random));
  }
  EXPECT_EQ(chosen, (std::set<std::size_t>{1, 2}));
}

RC_GTEST_PROP(NodeChoice, NeverTakesACostlierOne, (std::uint64_t seed)) {
  base::seeded_random random(seed);
  std::vector<node_load> candidates;
  const auto count = *rc::gen::inRange(1, 5);
  for (int i = 0; i < count; ++i) {
    candidates.push_back(load_of(milliseconds(*rc::gen::inRange(0, 900)),
                                 *rc::gen::inRange<std::size_t>(0, 50),
                                 *rc::gen::inRange(1U, 1001U)));
  }
  const auto chosen = choose_node(candidates, random);
  RC_ASSERT(chosen < candidates.size());
  RC_ASSERT(cost_of(candidates[chosen]) <= cost_of(candidates[0]));
}

}
}
