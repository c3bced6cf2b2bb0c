#include "httvps/backend/services/duty_roster.hpp"

#include <gtest/gtest.h>

#include "support/deployment.hpp"

namespace httvps::backend::services {
namespace {

using std::chrono::seconds;

class DutyRoster : public testing::Test {
 protected:
  std::uint64_t fence() {
    const auto found = read_from(
        *world.store, [](repositories& tables) { return tables.leases.find("sweeping"); });
    return (*found)->fence;
  }

  test_support::deployment world;
  duty_roster first{world.tools, {{.name = "sweeping", .holder = {}}}};
  duty_roster second{world.tools, {{.name = "sweeping", .holder = {}}}};
};

TEST_F(DutyRoster, OneOfTwoHoldsAWork) {
  EXPECT_FALSE(first.holds("sweeping"));
  ASSERT_TRUE(first.renew());
  ASSERT_TRUE(second.renew());
  EXPECT_TRUE(first.holds("sweeping"));
  EXPECT_FALSE(second.holds("sweeping"));
  EXPECT_FALSE(first.holds("cooking"));
}

TEST_F(DutyRoster, KeepsItWhileItRenews) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(first.renew());
    ASSERT_TRUE(second.renew());
    EXPECT_TRUE(first.holds("sweeping"));
    EXPECT_FALSE(second.holds("sweeping"));
    world.clock.advance(duty_round);
  }
  EXPECT_EQ(fence(), 1U);
}

TEST_F(DutyRoster, MovesWithinFifteenSecondsOfASilence) {
  ASSERT_TRUE(first.renew());
  ASSERT_TRUE(second.renew());
  seconds waited{0};
  while (!second.holds("sweeping")) {
    EXPECT_TRUE(first.holds("sweeping") || waited >= duty_term);
    world.clock.advance(duty_round);
    waited += duty_round;
    ASSERT_LE(waited, seconds(15));
    ASSERT_TRUE(second.renew());
  }
  EXPECT_FALSE(first.holds("sweeping"));
  ASSERT_TRUE(first.renew());
  EXPECT_FALSE(first.holds("sweeping"));
  EXPECT_EQ(fence(), 2U);
}

TEST_F(DutyRoster, ReleasedWorkIsFreeAtOnce) {
  ASSERT_TRUE(first.renew());
  ASSERT_TRUE(second.release());
  ASSERT_TRUE(second.renew());
  EXPECT_FALSE(second.holds("sweeping"));
  ASSERT_TRUE(first.release());
  ASSERT_TRUE(second.renew());
  EXPECT_TRUE(second.holds("sweeping"));
}

TEST_F(DutyRoster, HoldsEverythingWhereThereAreNoLeasesYet) {
  ASSERT_TRUE(world.store->migrate_down(usage_journal_schema - 1));
  ASSERT_TRUE(first.renew());
  ASSERT_TRUE(first.release());
  EXPECT_TRUE(first.holds("sweeping"));
}

}
}
