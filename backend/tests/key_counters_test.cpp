#include <fmt/format.h>
#include <gtest/gtest.h>

#include "httvps/backend/models/usage.hpp"
#include "httvps/backend/services/errc.hpp"
#include "support/key_agent.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::deployment;
using test_support::key_agent;

class KeyCounters : public testing::Test {
 protected:
  KeyCounters() { agent.roll_out(); }

  base::result<> count(std::uint64_t up, std::uint64_t down,
                       const std::string& epoch = "00000000000000a1") {
    return world.keys.count(
        node, {.epoch = epoch,
               .rows = {{.key_id = agent.secrets().begin()->first,
                         .counted = {.up = up, .down = down, .wire_up = up, .wire_down = down}}}});
  }

  std::vector<models::key_share> shares() { return shares_of(node); }

  std::vector<models::key_share> shares_of(const models::node& wanted) {
    return services::read_from(*world.store,
                               [&](services::repositories& tables) {
                                 return tables.key_counters.shares(wanted.id);
                               })
        .value();
  }

  deployment world;
  models::gateway gateway = world.join().gateway;
  models::node node = world.add_agent_node();
  key_agent agent{world, node};
};

TEST_F(KeyCounters, AddWhatIsAboveTheHighestSeen) {
  ASSERT_TRUE(count(100, 200));
  ASSERT_TRUE(count(100, 200));
  ASSERT_TRUE(count(150, 180));
  ASSERT_TRUE(count(90, 210));
  const auto counted = shares();
  ASSERT_EQ(counted.size(), 1U);
  EXPECT_EQ(counted.front().up, 150U);
  EXPECT_EQ(counted.front().down, 210U);
  EXPECT_EQ(counted.front().gateway, gateway.id);
  EXPECT_EQ(counted.front().day, models::day_of(world.clock.system_now()));
}

TEST_F(KeyCounters, ANewEpochBeginsAtZero) {
  ASSERT_TRUE(count(100, 0));
  ASSERT_TRUE(count(30, 0, "00000000000000a2"));
  EXPECT_EQ(shares().front().up, 130U);
}

TEST_F(KeyCounters, KeysOfOtherNodesAreIgnored) {
  const auto second = world.add_agent_node("second");
  ASSERT_TRUE(world.keys.count(
      second, {.epoch = "00000000000000a1",
               .rows = {{.key_id = agent.secrets().begin()->first, .counted = {.up = 5}},
                        {.key_id = "made-up", .counted = {.up = 5}}}}));
  EXPECT_TRUE(shares_of(second).empty());
  EXPECT_TRUE(shares().empty());
}

TEST_F(KeyCounters, RemovedKeysStillCount) {
  ASSERT_TRUE(count(100, 0));
  ASSERT_TRUE(world.keys.rotate_node(world.admin(), node.id));
  ASSERT_TRUE(count(160, 0));
  EXPECT_EQ(shares().front().up, 160U);
}

TEST_F(KeyCounters, EpochsOfANodeAreBounded) {
  for (int epoch = 0; epoch < 64; ++epoch) {
    ASSERT_TRUE(count(1, 0, fmt::format("{:016x}", epoch)));
  }
  EXPECT_EQ(count(1, 0, "ffffffffffffffff").error(), errc::too_many_epochs);
  EXPECT_TRUE(count(2, 0, "0000000000000001"));
  world.clock.advance(std::chrono::hours(8 * 24));
  ASSERT_TRUE(world.keys.forget_old());
  EXPECT_TRUE(count(1, 0, "ffffffffffffffff"));
}

}
}
