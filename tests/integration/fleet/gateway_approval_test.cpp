#include <gtest/gtest.h>

#include <filesystem>

#include "fleet/support/fleet_world.hpp"

namespace httvps::testing {
namespace {

using std::chrono::seconds;

constexpr auto approval_limit = seconds(10);
constexpr auto refusal_limit = seconds(10);
constexpr auto return_limit = seconds(10);
const std::map<std::string, std::string> seldom_beating = {{"GATEWAY_HEARTBEAT_INTERVAL", "60000"}};

class GatewayApproval : public ::testing::Test {
 protected:
  std::unique_ptr<gateway_process> waiting_gateway() const {
    auto settings = seldom_beating;
    settings["GATEWAY_LISTEN"] = "127.0.0.1:" + std::to_string(free_port());
    auto gateway = world.start_gateway("north", settings);
    EXPECT_TRUE(gateway->wait_for_log("\"gateway_waits_for_approval\""));
    return gateway;
  }
  void act(const std::string& verb) const {
    const auto done = world.ctl({"gateway", verb, world.id_of("north")});
    EXPECT_EQ(done.exit_code, 0) << done.output;
  }

  fleet_world world;
};

TEST_F(GatewayApproval, WaitingGatewayServesWithinSecondsOfTheCommandWithoutARestart) {
  const auto gateway = waiting_gateway();
  EXPECT_EQ(readiness(*gateway), "waits for approval\n");
  EXPECT_EQ(text_at(world.gateway("north"), "state"), "pending");
  act("approve");
  EXPECT_TRUE(wait_for(approval_limit, [&] { return is_ready(*gateway); })) << gateway->log();
  EXPECT_TRUE(gateway->is_running());
  const auto device = world.enrol_at(*gateway);
  const auto tunnel = world.connect(*gateway, device);
  ASSERT_TRUE(tunnel->wait_until_open());
  EXPECT_TRUE(world.transfer(*tunnel, 20'000));
}

TEST_F(GatewayApproval, RejectedGatewaySaysSoKeepsAskingAndComesBackAfterItsRelease) {
  const auto gateway = waiting_gateway();
  act("reject");
  ASSERT_TRUE(gateway->wait_for_log("An administrator turned this gateway away"));
  EXPECT_TRUE(wait_for(refusal_limit,
                       [&] { return readiness(*gateway) == "disabled by an administrator\n"; }));
  EXPECT_TRUE(gateway->is_running());
  act("release");
  EXPECT_TRUE(
      wait_for(return_limit, [&] { return readiness(*gateway) == "waits for approval\n"; }));
  act("approve");
  EXPECT_TRUE(wait_for(approval_limit, [&] { return is_ready(*gateway); })) << gateway->log();
}

TEST_F(GatewayApproval, DisabledGatewayThatJoinsAnewWaitsForItsRelease) {
  const auto gateway = waiting_gateway();
  act("approve");
  ASSERT_TRUE(wait_for(approval_limit, [&] { return is_ready(*gateway); }));
  act("quarantine");
  gateway->kill_at_once();
  std::filesystem::remove(gateway->state_folder() + "/membership.json");
  gateway->start_again();
  ASSERT_TRUE(gateway->wait_for_log("\"join_failed\""));
  ASSERT_TRUE(gateway->wait_for_log("An administrator turned this gateway away"));
  EXPECT_TRUE(gateway->is_running());
  act("release");
  ASSERT_TRUE(gateway->wait_until_ready());
  EXPECT_TRUE(wait_for(approval_limit, [&] { return is_ready(*gateway); })) << gateway->log();
}

}
}
