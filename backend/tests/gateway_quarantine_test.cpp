#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/key_agent.hpp"

namespace httvps::backend {
namespace {

using services::approval;
using services::errc;
using test_support::deployment;
using test_support::key_agent;

class Quarantine : public testing::Test {
 protected:
  base::result<services::calling_gateway> enter() {
    return world.access.gateway(joined.credential.reveal_text(), approval::required);
  }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 40});
  services::subscription_report subscription = world.subscribe(user, terms);
  services::joined_gateway joined = world.join();
  models::gateway other = world.join("other").gateway;
  models::node node = world.add_agent_node();
  test_support::enrolled device = world.enrol(user, joined.gateway);
  key_agent agent{world, node};
};

TEST_F(Quarantine, ClosesTheDoorAndTakesTheKeysOffEveryNodeInOneCall) {
  const auto second = world.add_agent_node("second");
  key_agent second_agent(world, second);
  agent.roll_out();
  second_agent.roll_out();
  ASSERT_EQ(agent.secrets().size(), 2U);
  ASSERT_EQ(second_agent.secrets().size(), 2U);
  ASSERT_TRUE(enter());
  const auto cut = world.gateways.quarantine(world.admin(), joined.gateway.id);
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->gateway.state, models::gateway_state::disabled);
  EXPECT_EQ(enter().error(), errc::gateway_disabled);
  ASSERT_TRUE(agent.fetch());
  ASSERT_TRUE(second_agent.fetch());
  EXPECT_EQ(agent.secrets().size(), 1U);
  EXPECT_EQ(second_agent.secrets().size(), 1U);
}

TEST_F(Quarantine, NoKeyIsMadeForTheGatewayUntilItIsReleased) {
  agent.roll_out();
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), joined.gateway.id));
  for (int round = 0; round < 3; ++round) {
    agent.roll_out();
    EXPECT_EQ(agent.secrets().size(), 1U);
  }
  EXPECT_FALSE(world.nodes.assign(joined.gateway, {.token = device.answer.token, .region = ""}));
  const auto freed = world.gateways.release(world.admin(), joined.gateway.id);
  ASSERT_TRUE(freed);
  EXPECT_EQ(freed->gateway.state, models::gateway_state::approved);
  EXPECT_TRUE(enter());
  agent.roll_out();
  EXPECT_EQ(agent.secrets().size(), 2U);
  EXPECT_TRUE(world.nodes.assign(joined.gateway, {.token = device.answer.token, .region = ""}));
}

TEST_F(Quarantine, IsEndedByReleaseAlone) {
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), joined.gateway.id));
  EXPECT_EQ(world.gateways.approve(world.admin(), joined.gateway.id).error(),
            errc::gateway_disabled);
  EXPECT_EQ(world.gateways.join(world.join_order_for("gate")).error(), errc::gateway_disabled);
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), joined.gateway.id));
  const auto unknown = models::gateway_id::make(world.clock.system_now(), world.random);
  EXPECT_EQ(world.gateways.quarantine(world.admin(), unknown).error(), errc::gateway_not_found);
  EXPECT_EQ(world.gateways.release(world.admin(), unknown).error(), errc::gateway_not_found);
}

TEST_F(Quarantine, AGatewayThatWaitedForApprovalWaitsAgain) {
  deployment strict(services::join_approval::by_admin);
  const auto waiting = strict.join().gateway;
  ASSERT_TRUE(strict.gateways.quarantine(strict.admin(), waiting.id));
  EXPECT_EQ(strict.gateways.release(strict.admin(), waiting.id)->gateway.state,
            models::gateway_state::pending);
}

TEST(MovedGateway, HasNoKeysUntilItIsApprovedAgain) {
  deployment world(services::join_approval::by_admin);
  const auto gateway = world.join().gateway;
  ASSERT_TRUE(world.gateways.approve(world.admin(), gateway.id));
  key_agent agent(world, world.add_agent_node());
  agent.roll_out();
  ASSERT_EQ(agent.secrets().size(), 1U);
  auto elsewhere = world.join_order_for("gate");
  elsewhere.host = "elsewhere.example";
  ASSERT_TRUE(world.gateways.join(elsewhere));
  agent.roll_out();
  EXPECT_TRUE(agent.secrets().empty());
  ASSERT_TRUE(world.gateways.approve(world.admin(), gateway.id));
  agent.roll_out();
  EXPECT_EQ(agent.secrets().size(), 1U);
}

TEST(MovedGateway, ReleaseFromQuarantineIsNoApproval) {
  deployment world(services::join_approval::by_admin);
  const auto gateway = world.join().gateway;
  ASSERT_TRUE(world.gateways.approve(world.admin(), gateway.id));
  auto elsewhere = world.join_order_for("gate");
  elsewhere.host = "elsewhere.example";
  ASSERT_TRUE(world.gateways.join(elsewhere));
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), gateway.id));
  EXPECT_EQ(world.gateways.release(world.admin(), gateway.id)->gateway.state,
            models::gateway_state::pending);
}

TEST_F(Quarantine, AStalePlanOfGrantsMakesNoKey) {
  agent.roll_out();
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), joined.gateway.id));
  services::node_fleet stale(*world.store, world.clock);
  ASSERT_TRUE(world.gateways.release(world.admin(), joined.gateway.id));
  ASSERT_TRUE(
      world.store->read([&](services::repositories& tables) { return stale.refresh(tables); }));
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), joined.gateway.id));
  const services::key_service late({.storage = *world.store,
                                    .authority = world.authority,
                                    .cipher = world.cipher,
                                    .clock = world.clock,
                                    .random = world.random,
                                    .fleet = stale});
  ASSERT_TRUE(late.maintain());
  agent.fetch();
  EXPECT_EQ(agent.secrets().size(), 1U);
}

}
}
