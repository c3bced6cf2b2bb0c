#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_cross_check.hpp"
#include "httvps/backend/services/usage_roll_up.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using services::compare_with_nodes;
using services::hour_range;
using services::node_reading;

constexpr base::byte_count mebibyte = 1024ULL * 1024ULL;

class written_readings final : public services::node_counter {
 public:
  base::result<std::vector<node_reading>> counted(const hour_range& hours) override {
    asked = hours;
    return answer;
  }

  hour_range asked;
  base::result<std::vector<node_reading>> answer = std::vector<node_reading>();
};

class CrossCheck : public testing::Test, protected test_support::metered_world {
 protected:
  void carry(base::byte_count up, base::byte_count down) {
    ASSERT_TRUE(report(batch(++seq, {line(1, {.up = up, .down = down}, token)})));
    ASSERT_TRUE(services::usage_roll_up(world.tools).run());
    world.clock.advance(std::chrono::hours(1));
  }

  std::uint64_t seq = 0;
  written_readings readings;
  hour_range always{.first = "0", .last = "9"};
};

TEST_F(CrossCheck, NodeThatCountsTheSameHasNoDrift) {
  carry(mebibyte, 2 * mebibyte);
  readings.answer = std::vector<node_reading>{{.node = node.id, .bytes = 2 * mebibyte},
                                              {.node = node.id, .bytes = mebibyte}};
  const auto found = *compare_with_nodes(*world.store, readings, always);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].node, node.id);
  EXPECT_EQ(found[0].reported, 3 * mebibyte);
  EXPECT_EQ(found[0].counted, 3 * mebibyte);
  EXPECT_EQ(found[0].ratio, 0);
  EXPECT_FALSE(found[0].is_alarming());
}

TEST_F(CrossCheck, GatewayThatReportsLessOrMoreThanTheNodeSawIsAlarming) {
  carry(mebibyte, 0);
  readings.answer = std::vector<node_reading>{{.node = node.id, .bytes = 2 * mebibyte}};
  const auto less = *compare_with_nodes(*world.store, readings, always);
  EXPECT_EQ(less[0].ratio, 0.5);
  EXPECT_TRUE(less[0].is_alarming());
  readings.answer = std::vector<node_reading>();
  const auto more = *compare_with_nodes(*world.store, readings, always);
  EXPECT_EQ(more[0].ratio, -1);
  EXPECT_TRUE(more[0].is_alarming());
}

TEST_F(CrossCheck, FramingOfAFewPercentIsNotAlarming) {
  carry(100 * mebibyte, 0);
  readings.answer = std::vector<node_reading>{{.node = node.id, .bytes = 103 * mebibyte}};
  const auto found = *compare_with_nodes(*world.store, readings, always);
  EXPECT_GT(found[0].ratio, 0.02);
  EXPECT_FALSE(found[0].is_alarming());
}

TEST_F(CrossCheck, FewBytesAreNotCompared) {
  carry(1000, 0);
  readings.answer = std::vector<node_reading>();
  const auto found = *compare_with_nodes(*world.store, readings, always);
  EXPECT_EQ(found[0].ratio, 0);
}

TEST_F(CrossCheck, OnlyTheHoursAskedForAreCompared) {
  const auto first = models::hour_of(world.clock.system_now());
  carry(mebibyte, 0);
  carry(5 * mebibyte, 0);
  readings.answer = std::vector<node_reading>{{.node = node.id, .bytes = mebibyte}};
  const auto found = *compare_with_nodes(*world.store, readings, {.first = first, .last = first});
  EXPECT_EQ(found[0].reported, mebibyte);
  EXPECT_EQ(readings.asked.first, first);
  EXPECT_EQ(readings.asked.last, first);
}

TEST_F(CrossCheck, ReadingsThatFailAreNoDrift) {
  readings.answer = base::fail(services::errc::storage_busy);
  EXPECT_EQ(compare_with_nodes(*world.store, readings, always).error(),
            services::errc::storage_busy);
}

}
}
