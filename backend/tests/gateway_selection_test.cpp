#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "httvps/backend/services/errc.hpp"
#include "httvps/identity/document.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using namespace std::chrono_literals;
using test_support::life_world;

constexpr std::uint64_t many = 100;

class GatewaySelection : public testing::Test {
 protected:
  models::gateway add_gateway(const std::string& region, int number) {
    auto order = world.join_order_for(region + "-" + std::to_string(number));
    order.region = region;
    order.addresses = {"198.18." + std::to_string(++networks) + ".1:443"};
    return world.gateways.join(order).value().gateway;
  }
  void beat(const models::gateway& one, std::uint64_t sessions) {
    const auto now = world.clock.system_now();
    ASSERT_TRUE(world.gateways.heartbeat(
        one,
        {.received_at = now, .region = one.region, .active_sessions = sessions, .sent_at = now}));
  }
  void run_for(std::chrono::seconds time, const std::vector<models::gateway>& living,
               const std::map<std::string, std::uint64_t>& sessions = {}) {
    for (auto left = time; left > 0s; left -= 5s) {
      world.clock.advance(5s);
      for (const auto& each : living) {
        const auto found = sessions.find(each.name);
        beat(each, found == sessions.end() ? 0 : found->second);
      }
    }
  }
  std::vector<std::string> ids_in(const std::string& key_set, const std::string& signed_config) {
    const auto now = world.clock.system_now();
    const auto keys =
        identity::key_set::verify(key_set, {.root = world.root.public_part(), .now = now});
    const auto config = identity::verify_config(signed_config, {.keys = keys.value(), .now = now});
    std::vector<std::string> ids;
    for (const auto& each : config.value().gateways) {
      ids.push_back(each.id);
    }
    return ids;
  }
  std::vector<std::string> told(const models::device_id& device, const models::gateway& asked) {
    const auto answer = world.devices.config(asked, device).value();
    return ids_in(answer.key_set, answer.config);
  }
  std::vector<std::string> enrol_at(const models::gateway& entrance) {
    const auto made = world.enrol(user, entrance);
    last = made.answer.device.id;
    return ids_in(made.answer.key_set, made.answer.config);
  }
  std::map<std::string, int> enrol(int devices, const models::gateway& entrance) {
    std::map<std::string, int> firsts;
    for (int i = 0; i < devices; ++i) {
      ++firsts[enrol_at(entrance).front()];
    }
    return firsts;
  }
  void change(const models::gateway& one, const services::gateway_amendment& wanted) {
    ASSERT_TRUE(world.gateways.change(world.admin(), one.id, wanted));
    world.clock.advance(services::fleet_refresh);
  }
  void place(const std::string& code, std::int64_t longitude) {
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      return tables.regions.place({.code = code,
                                   .latitude_millionths = 50'000'000,
                                   .longitude_millionths = longitude * 1'000'000});
    }));
  }

  int networks = 0;
  models::device_id last;
  life_world world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 400});
  services::subscription_report subscription = world.subscribe(user, terms);
  std::vector<models::gateway> fleet = {add_gateway("eu", 1), add_gateway("eu", 2),
                                        add_gateway("eu", 3), add_gateway("eu", 4)};
};

TEST_F(GatewaySelection, EnrolmentGoesRoundByWeightWhateverGatewayWasTheEntrance) {
  run_for(90s, fleet);
  auto firsts = enrol(8, fleet[0]);
  for (const auto& each : fleet) {
    EXPECT_EQ(firsts[each.id.text()], 2) << each.name;
  }
  change(fleet[2], {.weight = 3});
  run_for(10s, fleet);
  firsts = enrol(12, fleet[0]);
  EXPECT_EQ(firsts[fleet[2].id.text()], 6);
  EXPECT_EQ(firsts[fleet[0].id.text()], 2);
}

TEST_F(GatewaySelection, EntranceIsAlwaysAmongThoseTold) {
  run_for(90s, fleet);
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(std::ranges::count(enrol_at(fleet[1]), fleet[1].id.text()), 1);
  }
}

TEST_F(GatewaySelection, UsedGatewayIsKeptUntilItHasLessThanHalfOfTheBest) {
  run_for(90s, fleet);
  enrol_at(fleet[0]);
  const auto device = last;
  EXPECT_EQ(told(device, fleet[3]).front(), fleet[3].id.text());
  change(fleet[3], {.max_sessions = many});
  run_for(120s, fleet, {{fleet[3].name, 40}});
  EXPECT_EQ(told(device, fleet[3]).front(), fleet[3].id.text()) << "more than half";
  run_for(120s, fleet, {{fleet[3].name, 70}});
  const auto moved = told(device, fleet[3]);
  EXPECT_NE(moved.front(), fleet[3].id.text()) << "two ninths of the best";
  EXPECT_EQ(moved.back(), fleet[3].id.text()) << "still told, last";
}

TEST_F(GatewaySelection, FullGatewayGetsNextToNobody) {
  change(fleet[1], {.max_sessions = many});
  run_for(180s, fleet, {{fleet[1].name, many}});
  auto firsts = enrol(30, fleet[0]);
  EXPECT_LE(firsts[fleet[1].id.text()], 1);
  EXPECT_GE(firsts[fleet[0].id.text()], 9);
}

TEST_F(GatewaySelection, ReturningGatewayStartsSlowly) {
  run_for(90s, fleet);
  enrol_at(fleet[0]);
  run_for(60s, {fleet[0], fleet[1], fleet[2]});
  EXPECT_EQ(enrol(8, fleet[0])[fleet[3].id.text()], 0);
  run_for(10s, fleet);
  EXPECT_LE(enrol(16, fleet[0])[fleet[3].id.text()], 2) << "a quarter of a share";
  run_for(90s, fleet);
  EXPECT_GE(enrol(16, fleet[0])[fleet[3].id.text()], 3);
}

TEST_F(GatewaySelection, SilentRegionSpillsToTheNearestThatThePlanCovers) {
  const auto far = add_gateway("far", 1);
  const auto near = add_gateway("near", 1);
  place("eu", 10);
  place("far", 120);
  place("near", 20);
  run_for(90s, {fleet[0], fleet[1], fleet[2], fleet[3], far, near});
  EXPECT_EQ(enrol(4, fleet[0])[near.id.text()], 0);
  run_for(60s, {fleet[0], far, near});
  run_for(300s, {far, near});
  EXPECT_EQ(enrol_at(fleet[0]).front(), near.id.text());
  const auto eve = world.add_user("eve");
  world.subscribe(eve, world.add_plan({.code = "some", .regions = {"eu", "far"}}));
  const auto made = world.enrol(eve, fleet[0]).answer;
  EXPECT_EQ(ids_in(made.key_set, made.config).front(), far.id.text());
}

TEST_F(GatewaySelection, FullRegionSpillsWhileNobodyIsMovedFromIt) {
  const auto near = add_gateway("near", 1);
  place("eu", 10);
  place("near", 20);
  auto all = fleet;
  all.push_back(near);
  std::map<std::string, std::uint64_t> full;
  for (const auto& each : fleet) {
    change(each, {.max_sessions = many});
    full[each.name] = 85;
  }
  run_for(180s, all, full);
  EXPECT_EQ(enrol_at(fleet[0]).front(), near.id.text());
  EXPECT_EQ(told(last, fleet[0]).front(), fleet[0].id.text());
}

TEST_F(GatewaySelection, DrainingOneGetsNobodyAndIsNotKept) {
  run_for(90s, fleet);
  enrol_at(fleet[0]);
  const auto device = last;
  ASSERT_TRUE(world.gateways.drain(world.admin(), fleet[0].id));
  EXPECT_EQ(std::ranges::count(told(device, fleet[0]), fleet[0].id.text()), 0);
  EXPECT_EQ(enrol(12, fleet[1])[fleet[0].id.text()], 0);
}

TEST_F(GatewaySelection, IsExplainedWithWeightsAndWithoutTurningTheRotation) {
  run_for(90s, fleet);
  world.add_node();
  change(fleet[1], {.weight = 2});
  run_for(10s, fleet);
  const auto made = world.enrol(user, fleet[0]).answer;
  ASSERT_TRUE(world.nodes.assign(fleet[0], {.token = made.token, .region = ""}));
  const auto path = "devices/" + made.device.id.text() + "/assignment:explain";
  const auto reply = world.get(path);
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_NE(reply.body.find(R"("gateways":{"region":"eu","reason":"kept")"), std::string::npos)
      << reply.body;
  EXPECT_NE(reply.body.find(R"("asked":true)"), std::string::npos);
  EXPECT_NE(reply.body.find(R"("admin":2000)"), std::string::npos);
  EXPECT_NE(reply.body.find(R"("would_be_told":[")" + fleet[0].id.text()), std::string::npos);
  EXPECT_EQ(world.get(path).body, reply.body);
}

class GatewayTerms : public testing::Test {
 protected:
  test_support::api_reply change(const std::string& body) {
    return world.send("PATCH", path, body, world.get(path).header("ETag"));
  }

  life_world world;
  models::gateway gateway = world.join().gateway;
  std::string path = "gateways/" + gateway.id.text();
};

TEST_F(GatewayTerms, AreSetShownTakenBackAndAudited) {
  EXPECT_NE(world.get(path).body.find(R"("weight":1,"capacity_bps":null)"), std::string::npos);
  const auto reply = change(R"({"weight":5,"capacity_bps":1000000000,"max_sessions":20000})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto shown = R"("weight":5,"capacity_bps":1000000000,"max_sessions":20000)";
  EXPECT_NE(reply.body.find(shown), std::string::npos) << reply.body;
  EXPECT_NE(world.get("gateways").body.find(shown), std::string::npos);
  EXPECT_NE(world.newest_line("gateway.change").after.find(R"("weight":5)"), std::string::npos);
  const auto cleared = change(R"({"capacity_bps":null,"max_sessions":null})");
  EXPECT_NE(cleared.body.find(R"("weight":5,"capacity_bps":null,"max_sessions":null)"),
            std::string::npos)
      << cleared.body;
}

TEST_F(GatewayTerms, OutOfBoundsAreNamedByTheirPointer) {
  for (const auto& [body, pointer] :
       {std::pair(R"({"weight":0})", "/weight"), std::pair(R"({"weight":10001})", "/weight"),
        std::pair(R"({"weight":null})", "/weight"),
        std::pair(R"({"capacity_bps":7999})", "/capacity_bps"),
        std::pair(R"({"max_sessions":0})", "/max_sessions")}) {
    const auto refused = change(body);
    EXPECT_EQ(refused.status, 422) << body;
    EXPECT_NE(refused.body.find(std::string(R"("pointer":")") + pointer), std::string::npos)
        << refused.body;
  }
}

TEST_F(GatewayTerms, NeedTheSchemaAndDrainsDoNot) {
  ASSERT_TRUE(world.store->migrate_down(services::gateway_weight_schema - 1));
  EXPECT_EQ(world.gateways.change(world.admin(), gateway.id, {.weight = 2}).error(),
            services::errc::schema_too_old);
  EXPECT_TRUE(world.gateways.change(world.admin(), gateway.id, {.name = "renamed"}));
  ASSERT_TRUE(world.gateways.drain(world.admin(), gateway.id));
  EXPECT_TRUE(world.gateways.find(gateway.id)->gateway.draining_since);
  ASSERT_TRUE(world.store->migrate_up());
  EXPECT_EQ(world.gateways.find(gateway.id)->gateway.weight, 1U);
  EXPECT_TRUE(world.gateways.find(gateway.id)->gateway.draining_since);
}

}
}
