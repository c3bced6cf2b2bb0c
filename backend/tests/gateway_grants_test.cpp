#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>
#include <set>

#include "support/key_agent.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;
using test_support::key_agent;
using test_support::life_world;

class GatewayGrants : public testing::Test {
 protected:
  json::array grants() const {
    const auto told = world.get("gateways/" + gateway.id.text() + "/grants");
    EXPECT_EQ(told.status, 200) << told.body;
    return json::parse(told.body).as_object().at("items").as_array();
  }
  void settle() {
    world.clock.advance(services::fleet_refresh);
    ASSERT_TRUE(world.keys.maintain());
  }

  life_world world;
  models::gateway gateway = world.join("gate").gateway;
};

TEST_F(GatewayGrants, NameNodesWithTheirRankAndTheNewestUsefulKey) {
  const auto orchard = world.add_agent_node("orchard");
  world.add_node("meadow");
  settle();
  key_agent agent(world, orchard);
  agent.roll_out();
  std::map<std::string, json::object> by_name;
  std::set<std::int64_t> ranks;
  for (const auto& each : grants()) {
    ranks.insert(each.at("rank").to_number<std::int64_t>());
    by_name[std::string(each.at("name").as_string())] = each.as_object();
  }
  ASSERT_EQ(by_name.size(), 2U);
  EXPECT_EQ(ranks, (std::set<std::int64_t>{1, 2}));
  EXPECT_EQ(by_name["orchard"].at("key_state").as_string(), "active");
  EXPECT_EQ(by_name["orchard"].at("generation").to_number<int>(), 1);
  EXPECT_EQ(by_name["orchard"].at("node_id").as_string(), orchard.id.text());
  EXPECT_EQ(by_name["orchard"].at("state").as_string(), "enabled");
  EXPECT_TRUE(by_name["meadow"].at("key_id").is_null());
}

TEST_F(GatewayGrants, ShowTheActiveKeyWhileTheNextOneWaits) {
  const auto orchard = world.add_agent_node("orchard");
  settle();
  key_agent agent(world, orchard);
  agent.roll_out();
  const auto active = std::string(grants()[0].at("key_id").as_string());
  ASSERT_TRUE(world.store->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto key, tables.gateway_keys.find(models::access_key_id::trusted(active)));
    auto next = *key;
    next.id = models::access_key_id::make(world.clock.system_now(), world.random);
    next.generation = 2;
    next.state = models::key_state::pending;
    return tables.gateway_keys.insert(next);
  }));
  const auto shown = grants();
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].at("key_id").as_string(), active);
}

TEST_F(GatewayGrants, ShowNoSecret) {
  const auto orchard = world.add_agent_node("orchard");
  settle();
  key_agent agent(world, orchard);
  agent.roll_out();
  const auto told = world.get("gateways/" + gateway.id.text() + "/grants").body;
  EXPECT_EQ(told.find("secret"), std::string::npos);
  EXPECT_EQ(told.find(agent.secrets().begin()->second), std::string::npos);
}

TEST_F(GatewayGrants, ArePagedByNode) {
  for (const auto* name : {"orchard", "meadow", "barn"}) {
    world.add_agent_node(name);
  }
  settle();
  std::set<std::string> seen;
  std::string token;
  do {
    const auto page =
        world.get("gateways/" + gateway.id.text() + "/grants?page_size=2&page_token=" + token);
    ASSERT_EQ(page.status, 200) << page.body;
    for (const auto& each : json::parse(page.body).as_object().at("items").as_array()) {
      EXPECT_TRUE(seen.insert(std::string(each.at("name").as_string())).second);
    }
    token = page.text("next_page_token");
  } while (!token.empty());
  EXPECT_EQ(seen.size(), 3U);
}

TEST_F(GatewayGrants, AreNobodysForAGatewayThatIsNotKnown) {
  EXPECT_EQ(world.get("gateways/gw_x/grants").code(), "gateway_not_found");
  const auto stranger = models::gateway_id::make(world.clock.system_now(), world.random);
  EXPECT_EQ(world.get("gateways/" + stranger.text() + "/grants").code(), "gateway_not_found");
}

TEST_F(GatewayGrants, VersionOfTheProgramIsForAdministrators) {
  const auto told = world.get("version");
  EXPECT_EQ(told.status, 200) << told.body;
  const auto document = json::parse(told.body).as_object();
  EXPECT_EQ(document.at("schema").to_number<std::uint32_t>(), world.store->schema_version());
  EXPECT_EQ(document.size(), 3U);
  for (const auto* path : {"/version", "/api/v1/version"}) {
    EXPECT_EQ(world.call({.target = path}).code(), "route_not_found") << path;
  }
  EXPECT_EQ(world.call({.target = "/api/v1/admin/version"}).code(), "credential_missing");
}

}
}
