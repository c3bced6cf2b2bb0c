#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "httvps/backend/services/errc.hpp"
#include "httvps/identity/document.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using namespace std::chrono_literals;

class ConfigCandidates : public testing::Test {
 protected:
  models::gateway add_gateway(int number, const std::string& region, const std::string& address) {
    auto order = world.join_order_for("gate-" + std::to_string(number));
    order.region = region;
    order.addresses = {address};
    return world.gateways.join(order).value().gateway;
  }

  void beat(const models::gateway& gateway) {
    const auto now = world.clock.system_now();
    ASSERT_TRUE(world.gateways.heartbeat(
        gateway, {.received_at = now, .region = gateway.region, .sent_at = now}));
  }

  void beat_all(const std::vector<models::gateway>& living) {
    world.clock.advance(services::fleet_refresh);
    for (const auto& each : living) {
      beat(each);
    }
    world.clock.advance(services::fleet_refresh);
  }

  std::vector<std::string> told(const models::device_id& device, const models::gateway& asked,
                                std::string_view region = {}) {
    const auto answer = world.devices.config(asked, device, region).value();
    const auto now = world.clock.system_now();
    const auto keys =
        identity::key_set::verify(answer.key_set, {.root = world.root.public_part(), .now = now});
    const auto config = identity::verify_config(answer.config, {.keys = keys.value(), .now = now});
    std::vector<std::string> ids;
    for (const auto& each : config.value().gateways) {
      ids.push_back(each.id);
    }
    return ids;
  }

  models::device_id add_device() { return world.enrol(user, gateways.front()).answer.device.id; }

  test_support::deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 40});
  services::subscription_report subscription = world.subscribe(user, terms);
  std::vector<models::gateway> gateways = {
      add_gateway(1, "eu", "192.0.2.1:443"),    add_gateway(2, "eu", "192.0.2.2:443"),
      add_gateway(3, "eu", "198.51.100.1:443"), add_gateway(4, "eu", "203.0.113.1:443"),
      add_gateway(5, "us", "198.18.0.1:443"),
  };
};

TEST_F(ConfigCandidates, AreThreeOfTheRegionFromDistinctNetworks) {
  const auto device = add_device();
  beat_all(gateways);
  const auto ids = told(device, gateways[0]);
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], gateways[0].id.text()) << "the one that was asked";
  EXPECT_EQ(std::ranges::count(ids, gateways[1].id.text()), 0) << "the same network";
  EXPECT_EQ(std::ranges::count(ids, gateways[4].id.text()), 0) << "another region";
}

TEST_F(ConfigCandidates, OfAWantedRegionComeFirstAndTheAskedOneStays) {
  const auto device = add_device();
  beat_all(gateways);
  const auto ids = told(device, gateways[0], "us");
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(ids[0], gateways[4].id.text());
  EXPECT_EQ(std::ranges::count(ids, gateways[0].id.text()), 1);
}

TEST_F(ConfigCandidates, RegionWithoutAGatewayOrOutsideThePlanIsNamed) {
  const auto device = add_device();
  using services::errc;
  EXPECT_EQ(world.devices.config(gateways[0], device, "mars").error(),
            errc::region_without_gateway);
  const auto eve = world.add_user("eve");
  world.subscribe(eve, world.add_plan({.code = "eu", .device_limit = 2, .regions = {"eu"}}));
  const auto other = world.enrol(eve, gateways[0]).answer.device.id;
  EXPECT_EQ(world.devices.config(gateways[0], other, "us").error(), errc::region_denied);
  EXPECT_TRUE(world.devices.config(gateways[0], other, "eu"));
}

TEST_F(ConfigCandidates, StayTheSameForADeviceAndDifferBetweenDevices) {
  const auto device = add_device();
  std::set<std::string> seconds;
  for (int i = 0; i < 12; ++i) {
    const auto other = add_device();
    beat_all(gateways);
    seconds.insert(told(other, gateways[0]).at(1));
  }
  EXPECT_EQ(seconds.size(), 2U);
  const auto before = told(device, gateways[0]);
  beat_all(gateways);
  EXPECT_EQ(told(device, gateways[0]), before);
}

TEST_F(ConfigCandidates, SilentGatewayGivesItsPlaceToOneOfAnotherRegion) {
  const auto device = add_device();
  beat_all(gateways);
  for (int i = 0; i < 12; ++i) {
    beat_all({gateways[0], gateways[1], gateways[3], gateways[4]});
  }
  const auto ids = told(device, gateways[0]);
  ASSERT_EQ(ids.size(), 3U);
  EXPECT_EQ(std::ranges::count(ids, gateways[2].id.text()), 0);
  EXPECT_EQ(ids[2], gateways[4].id.text());
  EXPECT_EQ(told(device, gateways[2]).at(2), gateways[2].id.text()) << "last, but still there";
}

TEST_F(ConfigCandidates, AreLeasedForAQuarterOfAnHourMoreOrLess) {
  const auto device = add_device();
  const auto left =
      world.devices.config(gateways[0], device).value().lease_until - world.clock.system_now();
  EXPECT_GE(left, 12min);
  EXPECT_LE(left, 18min);
}

}
}
