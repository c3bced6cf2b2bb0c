#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_cross_check.hpp"
#include "httvps/backend/services/usage_roll_up.hpp"
#include "support/counting_world.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using services::compare_with_nodes;
using services::node_reading;
using test_support::mebibyte;

class written_readings final : public services::node_counter {
 public:
  base::result<std::vector<node_reading>> counted(const std::string& day) override {
    asked = day;
    return answer;
  }

  std::string asked;
  base::result<std::vector<node_reading>> answer = std::vector<node_reading>();
};

class CrossCheck : public testing::Test, protected test_support::counting_world {
 protected:
  services::path_drift compared(const traffic& reported, const traffic& counted) {
    carry(reported);
    readings.answer =
        std::vector<node_reading>{{.node = counting.id, .gateway = gateway.id, .bytes = counted}};
    const auto found = compare_with_nodes(*world.store, readings, today());
    EXPECT_EQ(found->nodes, 1U);
    EXPECT_EQ(found->paths.size(), 1U);
    return found->paths.front();
  }

  written_readings readings;
};

TEST_F(CrossCheck, NodeThatCountsTheSameHasNoDrift) {
  const auto drift =
      compared({.up = mebibyte, .down = 9 * mebibyte}, {.up = mebibyte, .down = 9 * mebibyte});
  EXPECT_EQ(drift.node, counting.id);
  EXPECT_EQ(drift.gateway, gateway.id);
  EXPECT_EQ(drift.reported, (traffic{.up = mebibyte, .down = 9 * mebibyte}));
  EXPECT_EQ(drift.bytes(), traffic());
  EXPECT_FALSE(drift.is_over_bound());
  EXPECT_EQ(readings.asked, today());
}

TEST_F(CrossCheck, GatewayThatReportsLessThanTheNodeSawIsOverTheBound) {
  const auto drift = compared({.up = mebibyte}, {.up = 3 * mebibyte, .down = 5});
  EXPECT_EQ(drift.bytes(), (traffic{.up = 2 * mebibyte, .down = 5}));
  EXPECT_TRUE(drift.is_over_bound());
}

TEST_F(CrossCheck, GatewayThatReportsMoreThanTheNodeSawIsOverTheBound) {
  const auto drift = compared({.down = 3 * mebibyte}, {});
  EXPECT_EQ(drift.bytes(), (traffic{.up = 0, .down = 3 * mebibyte}));
  EXPECT_TRUE(drift.is_over_bound());
}

TEST_F(CrossCheck, DirectionsDoNotMakeUpForEachOther) {
  EXPECT_TRUE(
      compared({.up = 4 * mebibyte, .down = 0}, {.up = 0, .down = 4 * mebibyte}).is_over_bound());
}

TEST_F(CrossCheck, AHundredthAndAMebibyteAreWithinTheBound) {
  EXPECT_FALSE(compared({.up = 990 * mebibyte}, {.up = 1000 * mebibyte}).is_over_bound());
}

TEST_F(CrossCheck, MoreThanAHundredthIsOverTheBound) {
  EXPECT_TRUE(compared({.up = 990 * mebibyte - 1}, {.up = 1000 * mebibyte}).is_over_bound());
}

TEST_F(CrossCheck, AMebibyteIsWithinTheBound) {
  EXPECT_FALSE(compared({.up = mebibyte}, {.up = 2 * mebibyte}).is_over_bound());
}

TEST_F(CrossCheck, MoreThanAMebibyteIsOverTheBound) {
  EXPECT_TRUE(compared({.up = mebibyte}, {.up = 2 * mebibyte + 1}).is_over_bound());
}

TEST_F(CrossCheck, NodesThatCountNothingByThemselvesAreNotCompared) {
  carry({.up = 9 * mebibyte});
  const auto found = compare_with_nodes(*world.store, readings, today());
  EXPECT_EQ(found->nodes, 0U);
  EXPECT_TRUE(found->paths.empty());
}

TEST_F(CrossCheck, OnlyTheDayAskedForIsCompared) {
  const auto first = today();
  carry({.up = mebibyte});
  world.clock.advance(std::chrono::days(1));
  carry({.up = 6 * mebibyte});
  readings.answer = std::vector<node_reading>{{.node = counting.id, .bytes = {}}};
  const auto reported_on = [&](const std::string& day) {
    return compare_with_nodes(*world.store, readings, day)->paths.at(0).reported.up;
  };
  EXPECT_EQ(reported_on(first), mebibyte);
  EXPECT_EQ(reported_on(today()), 5 * mebibyte);
}

TEST_F(CrossCheck, GatewayIsComparedByItselfAtANodeThatTwoShare) {
  carry({.up = 9 * mebibyte});
  const auto honest = world.join("second").gateway.id;
  readings.answer = std::vector<node_reading>{
      {.node = counting.id, .gateway = gateway.id, .bytes = {.up = 4 * mebibyte}},
      {.node = counting.id, .gateway = honest, .bytes = {.up = 5 * mebibyte}}};
  const auto found = compare_with_nodes(*world.store, readings, today());
  EXPECT_EQ(found->nodes, 1U);
  ASSERT_EQ(found->paths.size(), 2U);
  for (const auto& each : found->paths) {
    EXPECT_EQ(each.reported.up, each.gateway == gateway.id ? 9 * mebibyte : 0);
    EXPECT_TRUE(each.is_over_bound());
  }
}

TEST_F(CrossCheck, ReadingsThatFailAreNoDrift) {
  readings.answer = base::fail(services::errc::storage_busy);
  EXPECT_EQ(compare_with_nodes(*world.store, readings, today()).error(),
            services::errc::storage_busy);
}

TEST_F(CrossCheck, StoredCountersOfADayAreReadByNode) {
  const auto day = today();
  count({.up = 7, .down = 8});
  services::stored_node_counter stored(*world.store);
  const auto found = *stored.counted(day);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].node, counting.id);
  EXPECT_EQ(found[0].gateway, gateway.id);
  EXPECT_EQ(found[0].bytes, (traffic{.up = 7, .down = 8}));
  world.clock.advance(std::chrono::days(1));
  const auto silent = *stored.counted(today());
  ASSERT_EQ(silent.size(), 1U);
  EXPECT_FALSE(silent[0].gateway);
  EXPECT_EQ(silent[0].bytes, traffic());
}

TEST_F(CrossCheck, ADayIsComparedWhenItIsOverForAnHour) {
  const auto day = today();
  carry({.up = 5 * mebibyte});
  count({.up = 4 * mebibyte});
  services::usage_cross_check check(world.tools);
  EXPECT_LT((*check.run())->day, day);
  world.clock.advance(until_next_day() + std::chrono::hours(1) - std::chrono::seconds(1));
  EXPECT_LT((*check.run())->day, day);
  world.clock.advance(std::chrono::seconds(1));
  const auto found = **check.run();
  EXPECT_EQ(found.day, day);
  ASSERT_EQ(found.paths.size(), 1U);
  EXPECT_EQ(found.paths[0].bytes().up, mebibyte);
}

TEST_F(CrossCheck, ADayThatIsNotRolledUpIsNotCompared) {
  send({.up = 5 * mebibyte});
  world.clock.advance(std::chrono::hours(49));
  services::usage_cross_check check(world.tools);
  EXPECT_FALSE(*check.run());
  ASSERT_TRUE(services::usage_roll_up(world.tools).run());
  EXPECT_TRUE(*check.run());
}

}
}
