#include <gtest/gtest.h>

#include <algorithm>

#include "support/key_agent.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using test_support::key_agent;
using test_support::life_world;

class SilentGateways : public testing::Test {
 protected:
  SilentGateways() {
    settle(world.keys);
    agent.roll_out();
    world.clock.advance(services::heartbeat_flush);
    beat(gateway);
  }

  void settle(const services::key_service& keys) {
    world.clock.advance(services::fleet_refresh);
    ASSERT_TRUE(keys.maintain());
  }
  void beat(const models::gateway& one) {
    const auto now = world.clock.system_now();
    ASSERT_TRUE(world.gateways.heartbeat(
        one, {.received_at = now, .region = "eu", .active_sessions = 0, .sent_at = now}));
  }
  std::vector<models::key_state> states() const {
    const auto keys = services::read_from(*world.store, [&](services::repositories& tables) {
      return tables.gateway_keys.listed_by_gateway(gateway.id);
    });
    std::vector<models::key_state> found;
    std::ranges::transform(*keys, std::back_inserter(found), &models::gateway_key::state);
    return found;
  }

  using state_list = std::vector<models::key_state>;

  life_world world;
  models::gateway gateway = world.join("gate").gateway;
  models::node orchard = world.add_agent_node("orchard");
  key_agent agent{world, orchard};
};

TEST_F(SilentGateways, LoseTheirKeysAfterADay) {
  const auto revision = agent.revision();
  world.clock.advance(services::keys_outlive_silence - 2 * services::fleet_refresh);
  settle(world.keys);
  EXPECT_EQ(states(), state_list{models::key_state::active});
  settle(world.keys);
  EXPECT_EQ(states(), state_list{});
  EXPECT_TRUE(agent.fetch());
  EXPECT_GT(agent.revision(), revision);
  EXPECT_TRUE(agent.secrets().empty());
  const auto line = world.newest_line("gateway.withdraw_keys");
  EXPECT_EQ(line.actor, "system");
  EXPECT_EQ(line.object, gateway.id.text());
  EXPECT_EQ(line.detail, "removed=1 issued=0");
  settle(world.keys);
  EXPECT_EQ(world.audit.newest({.action = "gateway.withdraw_keys", .size = 9}).value().items.size(),
            1U);
}

TEST_F(SilentGateways, GetFreshKeysWhenTheyAreHeardAgain) {
  world.clock.advance(hours(30));
  settle(world.keys);
  ASSERT_EQ(states(), state_list{});
  beat(gateway);
  settle(world.keys);
  EXPECT_EQ(states(), state_list{models::key_state::pending});
  agent.roll_out();
  EXPECT_EQ(states(), state_list{models::key_state::active});
}

TEST_F(SilentGateways, KeepTheirKeysWhileTheyAreHeard) {
  for (int day = 0; day < 3; ++day) {
    world.clock.advance(hours(23));
    beat(gateway);
    settle(world.keys);
  }
  EXPECT_EQ(states(), state_list{models::key_state::active});
}

TEST_F(SilentGateways, AreGivenTenMinutesWhenTheBackendItselfWasAway) {
  world.clock.advance(hours(48));
  services::node_fleet fresh(*world.store, world.clock);
  const services::service_tools tools{.storage = *world.store,
                                      .authority = world.authority,
                                      .cipher = world.cipher,
                                      .clock = world.clock,
                                      .random = world.random,
                                      .fleet = fresh};
  const services::key_service keys(tools);
  settle(keys);
  world.clock.advance(services::fleet_settling - 2 * services::fleet_refresh);
  settle(keys);
  EXPECT_EQ(states(), state_list{models::key_state::active});
  settle(keys);
  EXPECT_EQ(states(), state_list{});
}

TEST_F(SilentGateways, KeepTheirKeysWhenMostOfTheirRegionFellSilentTogether) {
  const auto second = world.join("second").gateway;
  const auto third = world.join("third").gateway;
  settle(world.keys);
  for (const auto& each : {gateway, second, third}) {
    beat(each);
  }
  settle(world.keys);
  agent.roll_out();
  world.clock.advance(seconds(20));
  settle(world.keys);
  world.clock.advance(hours(30));
  settle(world.keys);
  EXPECT_EQ(states(), state_list{models::key_state::active});
  world.clock.advance(minutes(1));
  beat(second);
  beat(third);
  settle(world.keys);
  settle(world.keys);
  EXPECT_EQ(states(), state_list{});
}

}
}
