#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using selection::choice_reason;
using services::errc;
using std::chrono::seconds;
using test_support::deployment;

class NodeFleet : public testing::Test {
 protected:
  base::result<services::assigned_node> try_assign(const test_support::enrolled& who,
                                                   const std::string& region = "") {
    return world.nodes.assign(gateway, {.token = who.answer.token, .region = region});
  }

  services::assigned_node assign(const test_support::enrolled& who) {
    auto assigned = try_assign(who);
    EXPECT_TRUE(assigned);
    return *std::move(assigned);
  }

  models::heartbeat beat_now(std::uint64_t sessions = 0) {
    const auto now = world.clock.system_now();
    return {.received_at = now, .region = "eu", .active_sessions = sessions, .sent_at = now};
  }

  void beat(const models::node& node) { ASSERT_TRUE(world.nodes.heartbeat(node, beat_now())); }

  void report(const models::node& node, std::uint64_t succeeded, std::uint64_t failed) {
    ASSERT_TRUE(world.nodes.outcomes(gateway, {{.member = node.id.text(),
                                                .succeeded = succeeded,
                                                .failed = failed,
                                                .round_trip = std::chrono::milliseconds(9)}}));
  }

  void set_state(models::node node, models::node_state state) {
    node.state = state;
    ASSERT_TRUE(world.store->write(
        [&](services::repositories& tables) { return tables.nodes.update(node); }));
    world.clock.advance(services::fleet_refresh);
  }

  std::optional<models::heartbeat> stored_beat(const models::node& node) {
    std::optional<models::heartbeat> found;
    EXPECT_TRUE(world.store->read([&](services::repositories& tables) -> base::result<> {
      HTTVPS_TRY(found, tables.heartbeats.find(node.id.text()));
      return {};
    }));
    return found;
  }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 40});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
};

TEST_F(NodeFleet, OffersTwoReservesThatTheGatewayCanOpen) {
  for (const auto* name : {"a", "b", "c", "d"}) {
    world.add_node(name);
  }
  const auto assigned = assign(world.enrol(user, gateway));
  ASSERT_EQ(assigned.reserves.size(), 2U);
  std::set<std::string> names{assigned.first.node.name};
  for (const auto& each : assigned.reserves) {
    names.insert(each.node.name);
    EXPECT_TRUE(world.gateway_box.open(*base::from_base64url(each.sealed_key)));
  }
  EXPECT_EQ(names.size(), 3U);
}

TEST_F(NodeFleet, LeaseIsAQuarterOfAnHourGiveOrTakeAFifth) {
  world.add_node();
  const auto until = assign(world.enrol(user, gateway)).lease_until;
  const auto length = until - world.clock.system_now();
  EXPECT_GE(length, std::chrono::minutes(12));
  EXPECT_LE(length, std::chrono::minutes(18));
}

TEST_F(NodeFleet, SaysWhyADeviceKeepsOrLeavesItsNode) {
  world.add_node("one");
  world.add_node("two");
  const auto who = world.enrol(user, gateway);
  EXPECT_EQ(assign(who).reason, choice_reason::first);
  const auto kept = assign(who);
  EXPECT_EQ(kept.reason, choice_reason::kept);
  set_state(kept.first.node, models::node_state::disabled);
  EXPECT_EQ(assign(who).reason, choice_reason::withdrawn);
}

TEST_F(NodeFleet, DrainingNodeLetsLeasesRunOut) {
  world.add_node("one");
  world.add_node("two");
  const auto who = world.enrol(user, gateway);
  const auto first = assign(who);
  set_state(first.first.node, models::node_state::draining);
  const auto again = assign(who);
  EXPECT_EQ(again.reason, choice_reason::running_out);
  EXPECT_EQ(again.first.node.id, first.first.node.id);
  EXPECT_EQ(again.lease_until, first.lease_until);
  EXPECT_NE(assign(world.enrol(user, gateway)).first.node.id, first.first.node.id);
}

TEST_F(NodeFleet, ConnectsThatFailTakeANodeOut) {
  const auto bad = world.add_node("bad");
  world.add_node("good");
  world.add_node("fine");
  assign(world.enrol(user, gateway));
  world.clock.advance(seconds(11));
  report(bad, 0, 5);
  for (int i = 0; i < 6; ++i) {
    EXPECT_NE(assign(world.enrol(user, gateway)).first.node.id, bad.id);
  }
  EXPECT_EQ(world.fleet.find(bad.id.text())->unfit, selection::obstacle::ejected);
}

TEST_F(NodeFleet, OutcomesOfUnknownNodesChangeNothing) {
  const auto node = world.add_node();
  assign(world.enrol(user, gateway));
  EXPECT_TRUE(world.nodes.outcomes(gateway, {{.member = "node_x", .failed = 9, .round_trip = {}}}));
  auto stranger = gateway;
  stranger.id = models::gateway_id::make(world.clock.system_now(), world.random);
  EXPECT_TRUE(
      world.nodes.outcomes(stranger, {{.member = node.id.text(), .failed = 90, .round_trip = {}}}));
  world.clock.advance(seconds(11));
  EXPECT_EQ(world.fleet.find(node.id.text())->factors.quality, 1);
}

TEST_F(NodeFleet, HeartbeatsAreSavedTogetherEachFiveSeconds) {
  const auto one = world.add_node("one");
  const auto two = world.add_node("two");
  ASSERT_TRUE(world.nodes.heartbeat(one, beat_now(1)));
  EXPECT_EQ(stored_beat(one)->active_sessions, 1U);
  world.clock.advance(seconds(1));
  ASSERT_TRUE(world.nodes.heartbeat(one, beat_now(2)));
  ASSERT_TRUE(world.nodes.heartbeat(two, beat_now(3)));
  EXPECT_EQ(stored_beat(one)->active_sessions, 1U);
  EXPECT_FALSE(stored_beat(two));
  world.clock.advance(seconds(5));
  ASSERT_TRUE(world.nodes.heartbeat(one, beat_now(4)));
  EXPECT_EQ(stored_beat(one)->active_sessions, 4U);
  EXPECT_EQ(stored_beat(two)->active_sessions, 3U);
}

TEST_F(NodeFleet, ListShowsHeartbeatsThatAreNotSavedYet) {
  const auto node = world.add_node();
  ASSERT_TRUE(world.nodes.heartbeat(node, beat_now(1)));
  ASSERT_TRUE(world.nodes.heartbeat(node, beat_now(7)));
  const auto listed = world.nodes.list({.after = "", .size = 10});
  ASSERT_EQ(listed->items.size(), 1U);
  EXPECT_EQ(listed->items[0].heartbeat->active_sessions, 7U);
}

TEST_F(NodeFleet, AnotherProcessHearsThroughTheDatabase) {
  const auto node = world.add_node();
  services::node_fleet other(*world.store, world.clock);
  const auto refresh = [&] {
    ASSERT_TRUE(
        world.store->read([&](services::repositories& tables) { return other.refresh(tables); }));
  };
  refresh();
  for (int i = 0; i < 6; ++i) {
    world.clock.advance(seconds(5));
    beat(node);
    refresh();
    EXPECT_EQ(other.find(node.id.text())->stage, selection::health::healthy);
  }
  world.clock.advance(seconds(31));
  refresh();
  EXPECT_EQ(other.find(node.id.text())->stage, selection::health::out);
}

TEST_F(NodeFleet, SilenceCountsFromTheStartOfTheProcess) {
  const auto node = world.add_node();
  beat(node);
  world.clock.advance(std::chrono::hours(1));
  services::node_fleet restarted(*world.store, world.clock);
  ASSERT_TRUE(
      world.store->read([&](services::repositories& tables) { return restarted.refresh(tables); }));
  EXPECT_EQ(restarted.find(node.id.text())->stage, selection::health::healthy);
  world.clock.advance(seconds(30));
  EXPECT_EQ(restarted.find(node.id.text())->stage, selection::health::out);
}

TEST_F(NodeFleet, OwnRegionSpillsAndANamedOneDoesNot) {
  const auto here = world.add_node("here");
  const auto there = world.nodes.add(
      world.admin(), {.name = "there",
                      .region = "us",
                      .access_key = base::secret_bytes::from_text(test_support::node_link)});
  ASSERT_TRUE(there);
  const auto who = world.enrol(user, gateway);
  EXPECT_EQ(assign(who).region, "eu");
  set_state(here, models::node_state::disabled);
  const auto spilled = assign(who);
  EXPECT_EQ(spilled.region, "us");
  EXPECT_EQ(spilled.first.node.id, there->report.node.id);
  EXPECT_EQ(try_assign(who, "asia").error(), errc::region_not_found);
}

TEST_F(NodeFleet, SpillsToTheNearestRegion) {
  const auto here = world.add_node("here");
  for (const auto* region : {"asia", "us"}) {
    ASSERT_TRUE(world.nodes.add(
        world.admin(), {.name = region,
                        .region = region,
                        .access_key = base::secret_bytes::from_text(test_support::node_link)}));
  }
  const auto place = [&](const char* code, std::int64_t latitude, std::int64_t longitude) {
    return world.nodes.place_region(
        world.admin(),
        {.code = code, .latitude_millionths = latitude, .longitude_millionths = longitude});
  };
  ASSERT_TRUE(place("eu", 50'110'000, 8'680'000));
  ASSERT_TRUE(place("us", 40'710'000, -74'010'000));
  ASSERT_TRUE(place("asia", 35'680'000, 139'690'000));
  EXPECT_EQ(place("nowhere", 0, 0).error(), errc::region_not_found);
  set_state(here, models::node_state::disabled);
  const auto who = world.enrol(user, gateway);
  EXPECT_EQ(assign(who).region, "us");
  ASSERT_TRUE(place("us", -36'850'000, 174'760'000));
  world.clock.advance(std::chrono::minutes(20));
  EXPECT_EQ(assign(who).region, "asia");
}

TEST_F(NodeFleet, SpilledDeviceReturnsWhenItsLeaseEnds) {
  const auto here = world.add_node("here");
  ASSERT_TRUE(world.nodes.add(
      world.admin(), {.name = "there",
                      .region = "us",
                      .access_key = base::secret_bytes::from_text(test_support::node_link)}));
  set_state(here, models::node_state::disabled);
  const auto who = world.enrol(user, gateway);
  EXPECT_EQ(assign(who).region, "us");
  set_state(here, models::node_state::enabled);
  EXPECT_EQ(assign(who).region, "us");
  world.clock.advance(std::chrono::minutes(20));
  EXPECT_EQ(assign(who).region, "eu");
}

TEST_F(NodeFleet, PlanBoundsWhereADeviceSpills) {
  const auto bound = world.add_plan({.code = "eu-only", .device_limit = 40, .regions = {"eu"}});
  const auto other = world.add_user("bob");
  world.subscribe(other, bound);
  ASSERT_TRUE(world.nodes.add(
      world.admin(), {.name = "there",
                      .region = "us",
                      .access_key = base::secret_bytes::from_text(test_support::node_link)}));
  EXPECT_EQ(try_assign(world.enrol(other, gateway)).error(), errc::no_node_available);
}

TEST_F(NodeFleet, ExplainsAnAssignment) {
  world.add_node("one", 3);
  world.add_node("two");
  const auto who = world.enrol(user, gateway);
  const auto& device = who.answer.device.id;
  EXPECT_EQ(world.nodes.explain(device).error(), errc::assignment_not_found);
  const auto first = assign(who);
  const auto told = world.nodes.explain(device);
  ASSERT_TRUE(told);
  EXPECT_EQ(told->current->node, first.first.node.id);
  EXPECT_EQ(told->told.choice->reason, choice_reason::kept);
  EXPECT_EQ(told->told.choice->nodes.front(), first.first.node.id);
  ASSERT_EQ(told->told.candidates.size(), 2U);
  EXPECT_TRUE(
      std::ranges::all_of(told->told.candidates, [](const auto& each) { return each.is_granted; }));
  EXPECT_EQ(told->told.regions.size(), 1U);
  const auto unknown = models::device_id::make(world.clock.system_now(), world.random);
  EXPECT_EQ(world.nodes.explain(unknown).error(), errc::device_not_found);
}

TEST_F(NodeFleet, GatewayKnowsEightNodesOfMany) {
  for (int i = 0; i < 3; ++i) {
    world.join("gate" + std::to_string(i));
  }
  std::set<std::string> seen;
  for (int i = 0; i < 20; ++i) {
    world.add_node("node" + std::to_string(i));
  }
  for (int i = 0; i < 40; ++i) {
    const auto assigned = assign(world.enrol(user, gateway));
    seen.insert(assigned.first.node.name);
  }
  EXPECT_GE(seen.size(), 8U);
  EXPECT_LT(seen.size(), 20U);
}

}
}
