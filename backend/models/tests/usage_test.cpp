#include "httvps/backend/models/usage.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "httvps/backend/models/node.hpp"

namespace httvps::backend::models {
namespace {

TEST(Usage, GrowthNeverGoesBelowZero) {
  const traffic before{.up = 10, .down = 20};
  EXPECT_EQ(growth(before, {.up = 15, .down = 5}), (traffic{.up = 5, .down = 0}));
  EXPECT_TRUE(went_down(before, {.up = 15, .down = 5}));
  EXPECT_EQ(highest(before, {.up = 15, .down = 5}), (traffic{.up = 15, .down = 20}));
}

TEST(Usage, DayIsUtc) {
  EXPECT_EQ(day_of(base::from_unix_seconds(86399)), "1970-01-01");
  EXPECT_EQ(day_of(base::from_unix_seconds(86400)), "1970-01-02");
}

TEST(Acknowledge, AdvancesOverWhatIsContiguousAndListsGaps) {
  const auto answer = acknowledge(3, {4, 5, 8, 9, 12}, 8);
  EXPECT_EQ(answer.acked_through, 5U);
  EXPECT_EQ(answer.gaps, (std::vector<sequence_gap>{{6, 7}, {10, 11}}));
}

TEST(Acknowledge, ListsNoMoreGapsThanAllowed) {
  EXPECT_EQ(acknowledge(0, {2, 4, 6, 8}, 2).gaps.size(), 2U);
}

RC_GTEST_PROP(Acknowledge, NeverPassesAMissingNumber, (std::set<std::uint8_t> seen)) {
  std::vector<std::uint64_t> later;
  std::ranges::copy_if(seen, std::back_inserter(later), [](auto seq) { return seq > 0; });
  const auto answer = acknowledge(0, later, 256);
  std::uint64_t expected = 0;
  while (seen.contains(static_cast<std::uint8_t>(expected + 1)) && expected < 255) {
    ++expected;
  }
  RC_ASSERT((answer.acked_through == expected));
}

TEST(Node, WithoutAnAgentCountsAsAlive) {
  const auto now = base::from_unix_seconds(1000);
  EXPECT_TRUE(is_alive(std::nullopt, now));
  EXPECT_TRUE(is_alive(now - heartbeat_patience, now));
  EXPECT_FALSE(is_alive(now - heartbeat_patience - std::chrono::seconds(1), now));
}

}
}
