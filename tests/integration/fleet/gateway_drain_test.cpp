#include <gtest/gtest.h>

#include <algorithm>

#include "fleet/support/fleet_world.hpp"

namespace httvps::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto told_limit = seconds(10);
constexpr auto drain_limit = milliseconds(2000);

class GatewayDrains : public ::testing::Test {
 protected:
  std::unique_ptr<gateway_process> approved_gateway(const std::string& name) const {
    auto gateway =
        world.start_gateway(name, {{"GATEWAY_HEARTBEAT_INTERVAL", "500"},
                                   {"GATEWAY_DRAIN", std::to_string(drain_limit.count())}});
    act("approve", name);
    EXPECT_TRUE(wait_for(told_limit, [&] { return is_ready(*gateway); }));
    return gateway;
  }
  void act(const std::string& verb, const std::string& name) const {
    const auto done = world.ctl({"gateway", verb, world.id_of(name)});
    EXPECT_EQ(done.exit_code, 0) << done.output;
  }
  std::string phase(const std::string& name) const {
    const auto view = world.gateway(name);
    const auto* beat = view.if_contains("heartbeat");
    return beat != nullptr && beat->is_object() ? text_at(beat->as_object(), "state") : "";
  }

  fleet_world world;
  std::unique_ptr<gateway_process> north = approved_gateway("north");
  std::unique_ptr<gateway_process> south = approved_gateway("south");
  fleet_device device = world.enrol_at(*north);
};

TEST_F(GatewayDrains, SessionsAreSentToAGatewayThatTheDeviceKnowsAndStreamsGoOnMeanwhile) {
  const auto through = world.connect(*north, device);
  ASSERT_TRUE(through->wait_until_open());
  const auto stream = world.start(*through, 1000);
  ASSERT_TRUE(
      through->wait([&] { return through->view(stream).received.size() == 1000 + greeting_size; }));
  act("drain", "north");
  ASSERT_TRUE(through->wait([&] { return through->farewell().has_value(); }, told_limit));
  EXPECT_EQ(through->farewell()->code, wire::errc::gateway_draining);
  EXPECT_EQ(through->farewell()->drain, drain_limit);
  EXPECT_EQ(through->farewell()->gateways, std::vector<std::string>{world.id_of("south")});
  through->write(stream, pattern(3000));
  EXPECT_TRUE(through->wait([&] {
    return through->view(stream).received.size() == 4000 + greeting_size;
  })) << "a stream that runs goes on while the gateway drains";
  through->cut();
  through->go_on(access_knock(device.token, device.device));
  ASSERT_TRUE(through->wait_until_carried()) << "a session that drains may be resumed";
  through->write(stream, pattern(500));
  EXPECT_TRUE(
      through->wait([&] { return through->view(stream).received.size() == 4500 + greeting_size; }));
  EXPECT_TRUE(through->wait([&] { return through->view(stream).is_over(); }, told_limit));
  EXPECT_EQ(through->farewell()->drain, milliseconds(0));
}

TEST_F(GatewayDrains, TakesNoNewSessionTellsItsPhaseAndServesAgainAfterUndrain) {
  act("drain", "north");
  ASSERT_TRUE(wait_for(told_limit, [&] { return phase("north") == "drained"; }));
  EXPECT_EQ(readiness(*north), "drains\n");
  EXPECT_TRUE(wait_for(told_limit, [&] { return phase("south") == "serving"; }));
  const auto refused = world.connect(*north, device);
  ASSERT_TRUE(refused->wait([&] { return refused->refused().has_value(); }));
  EXPECT_EQ(refused->refused()->code, wire::errc::gateway_draining);
  const auto moved = world.connect(*south, device);
  ASSERT_TRUE(moved->wait_until_open());
  EXPECT_TRUE(world.transfer(*moved, 5000));
  act("undrain", "north");
  ASSERT_TRUE(wait_for(told_limit, [&] { return is_ready(*north); }));
  const auto again = world.connect(*north, device);
  ASSERT_TRUE(again->wait_until_open());
  EXPECT_TRUE(world.transfer(*again, 5000));
  EXPECT_TRUE(wait_for(told_limit, [&] { return phase("north") == "serving"; }));
}

TEST_F(GatewayDrains, QuarantineEndsItsSessionsAtOnce) {
  const auto through = world.connect(*north, device);
  ASSERT_TRUE(through->wait_until_open());
  act("quarantine", "north");
  ASSERT_TRUE(through->wait([&] { return through->farewell().has_value(); }, told_limit));
  EXPECT_EQ(through->farewell()->drain, milliseconds(0));
  EXPECT_EQ(readiness(*north), "disabled by an administrator\n");
}

}
}
