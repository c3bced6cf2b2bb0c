#include <gtest/gtest.h>

#include "fleet_meter.hpp"
#include "support/api_world.hpp"

namespace httvps::backend {
namespace {

using std::chrono::seconds;
using test_support::api_world;

class FleetMetrics : public testing::Test {
 protected:
  void take_in() {
    world.clock.advance(services::fleet_refresh);
    ASSERT_TRUE(world.store->read(
        [&](services::repositories& tables) { return world.fleet.refresh(tables); }));
  }
  models::node add_node(const std::string& name, const std::string& region,
                        models::node_state state = models::node_state::enabled) {
    auto made = world.add_node(name);
    made.region = region;
    made.state = state;
    EXPECT_TRUE(world.store->write([&](services::repositories& tables) -> base::result<> {
      HTTVPS_CHECK(tables.regions.ensure(region, world.clock.system_now()));
      return tables.nodes.update(made);
    }));
    return made;
  }
  void beat(const models::node& node) {
    const auto now = world.clock.system_now();
    ASSERT_TRUE(world.nodes.heartbeat(
        node, {.received_at = now, .region = node.region, .active_sessions = 0, .sent_at = now}));
  }
  bool shows(const std::string& line) const {
    return world.metrics.expose().find("\nhttvps_backend_" + line + "\n") != std::string::npos;
  }

  api_world world;
};

TEST_F(FleetMetrics, NodesAreCountedByRegionHealthAndAdministrativeState) {
  const auto silent = add_node("silent", "eu");
  add_node("orchard", "eu");
  add_node("meadow", "us", models::node_state::draining);
  add_node("barn", "us", models::node_state::disabled);
  take_in();
  beat(silent);
  take_in();
  EXPECT_TRUE(shows(R"(nodes{region="eu",health="healthy",admin_state="enabled"} 2)"))
      << world.metrics.expose();
  EXPECT_TRUE(shows(R"(nodes{region="eu",health="gone",admin_state="enabled"} 0)"));
  EXPECT_TRUE(shows(R"(nodes{region="us",health="healthy",admin_state="draining"} 1)"));
  EXPECT_TRUE(shows(R"(nodes{region="us",health="healthy",admin_state="disabled"} 1)"));
  EXPECT_FALSE(shows(R"(nodes{region="us",health="healthy",admin_state="enabled"} 0)"));
}

TEST_F(FleetMetrics, NodeThatWasTakenOutIsNamedEjected) {
  const auto joined = world.join("gate").gateway;
  const auto bad = add_node("bad", "eu");
  add_node("good", "eu");
  add_node("fine", "eu");
  take_in();
  world.clock.advance(seconds(11));
  take_in();
  ASSERT_TRUE(world.nodes.outcomes(joined, {{.member = bad.id.text(),
                                             .succeeded = 0,
                                             .failed = 5,
                                             .round_trip = std::chrono::milliseconds(9)}}));
  EXPECT_TRUE(shows(R"(nodes{region="eu",health="ejected",admin_state="enabled"} 1)"))
      << world.metrics.expose();
  EXPECT_TRUE(shows(R"(nodes{region="eu",health="healthy",admin_state="enabled"} 2)"));
}

TEST_F(FleetMetrics, GatewaysAreCountedByRegionAndHealthWithTheirSilence) {
  const auto joined = world.join("gate").gateway;
  const auto now = world.clock.system_now();
  ASSERT_TRUE(world.gateways.heartbeat(
      joined, {.received_at = now, .region = "eu", .active_sessions = 3, .sent_at = now}));
  take_in();
  EXPECT_TRUE(shows(R"(gateways{region="eu",health="healthy"} 1)")) << world.metrics.expose();
  world.clock.advance(seconds(118));
  take_in();
  EXPECT_TRUE(shows(R"(heartbeat_age_seconds{kind="gateway"} 122)")) << world.metrics.expose();
  EXPECT_TRUE(shows(R"(heartbeat_age_seconds{kind="node"} 0)"));
}

TEST_F(FleetMetrics, SilenceOfADisabledNodeIsNobodysConcern) {
  const auto node = add_node("barn", "eu");
  take_in();
  beat(node);
  auto disabled = node;
  disabled.state = models::node_state::disabled;
  ASSERT_TRUE(world.store->write(
      [&](services::repositories& tables) { return tables.nodes.update(disabled); }));
  world.clock.advance(seconds(60));
  take_in();
  EXPECT_TRUE(shows(R"(heartbeat_age_seconds{kind="node"} 0)")) << world.metrics.expose();
}

TEST_F(FleetMetrics, RegionsBeyondTheBoundShareOneLabel) {
  for (std::size_t i = 0; i <= api::most_region_series; ++i) {
    add_node("node-" + std::to_string(i), "r" + std::to_string(i));
  }
  take_in();
  const auto shown = world.metrics.expose();
  std::size_t regions = 0;
  constexpr std::string_view series = "\nhttvps_backend_nodes{";
  for (auto at = shown.find(series); at != std::string::npos; at = shown.find(series, at + 1)) {
    regions += shown.substr(at, 120).find("health=\"healthy\"") < 70 ? 1 : 0;
  }
  EXPECT_EQ(regions, api::most_region_series + 1);
  EXPECT_TRUE(shows(R"(nodes{region="other",health="healthy",admin_state="enabled"} 1)"));
}

TEST_F(FleetMetrics, BatchThatSaysOtherThingsUnderAKnownNumberIsCounted) {
  const auto joined = world.join("gate");
  const auto credential = std::string(joined.credential.reveal_text());
  const auto report = [&](std::uint64_t up) {
    return world
        .call({.method = "POST",
               .target = "/api/v1/usage/report",
               .token = credential,
               .body = R"({"epoch":"0a","seq":1,"rows":[{"n":1,"node_id":")" +
                       models::node_id::make(base::system_time(), world.random).text() +
                       R"(","up":)" + std::to_string(up) + R"(,"down":0}]})"})
        .status;
  };
  EXPECT_EQ(report(5), 200);
  EXPECT_EQ(report(6), 409);
  EXPECT_TRUE(shows(R"(usage_batches_total{result="conflict"} 1)")) << world.metrics.expose();
  EXPECT_TRUE(shows(R"(usage_batches_total{result="new"} 1)"));
}

}
}
