#include <gtest/gtest.h>

#include <algorithm>

#include "httvps/backend/services/errc.hpp"
#include "support/key_agent.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using std::chrono::seconds;
using test_support::life_world;

class NodeTerms : public testing::Test {
 protected:
  test_support::api_reply change(const models::node& one, const std::string& body) {
    const auto tail = "nodes/" + one.id.text();
    return world.send("PATCH", tail, body, world.get(tail).header("ETag"));
  }
  void beat(const models::node& one, std::uint64_t sessions) {
    const auto now = world.clock.system_now();
    ASSERT_TRUE(world.nodes.heartbeat(
        one, {.received_at = now, .region = "eu", .active_sessions = sessions, .sent_at = now}));
  }
  double headroom_of(const models::node& one) {
    world.fleet.expire();
    const auto told = world.store->read(
        [&](services::repositories& tables) { return world.fleet.refresh(tables); });
    EXPECT_TRUE(told);
    return world.fleet.find(one.id.text())->factors.headroom;
  }

  life_world world;
  models::node node = world.add_agent_node("orchard");
};

TEST_F(NodeTerms, AreSetShownChangedAndRemoved) {
  const auto made = world.act(
      "nodes", R"({"name":"meadow","region":"eu","host":"192.0.2.9","port":8388,)"
               R"("capacity_bps":1000000000,"max_sessions":500,"labels":["fast","provider-a"]})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_NE(made.body.find(R"("max_sessions":500)"), std::string::npos);
  EXPECT_NE(made.body.find(R"("labels":["fast","provider-a"])"), std::string::npos);
  const auto changed =
      change(node, R"({"capacity_bps":2000000,"max_sessions":7,"labels":["slow"]})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_NE(changed.body.find(R"("capacity_bps":2000000)"), std::string::npos);
  EXPECT_NE(world.get("nodes/" + node.id.text()).body.find(R"("labels":["slow"])"),
            std::string::npos);
  const auto cleared = change(node, R"({"capacity_bps":null,"labels":[]})");
  EXPECT_NE(cleared.body.find(R"("capacity_bps":null)"), std::string::npos) << cleared.body;
  EXPECT_NE(cleared.body.find(R"("max_sessions":7)"), std::string::npos);
  EXPECT_NE(world.newest_line("node.change").after.find("max_sessions"), std::string::npos);
}

TEST_F(NodeTerms, OutOfBoundsAreNamedByTheirPointer) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"({"capacity_bps":7999})", "/capacity_bps"},
      {R"({"max_sessions":0})", "/max_sessions"},
      {R"({"max_sessions":1000001})", "/max_sessions"},
      {R"({"labels":["Not a label"]})", "/labels/0"}};
  for (const auto& [body, pointer] : wrong) {
    const auto refused = change(node, body);
    EXPECT_EQ(refused.status, 422) << body;
    EXPECT_NE(refused.body.find(R"("pointer":")" + pointer), std::string::npos) << refused.body;
  }
}

TEST_F(NodeTerms, NodeNearItsSessionsGetsLessAndAFullOneNextToNothing) {
  ASSERT_EQ(change(node, R"({"max_sessions":100})").status, 200);
  beat(node, 10);
  const auto roomy = headroom_of(node);
  for (int i = 0; i < 30; ++i) {
    world.clock.advance(seconds(5));
    beat(node, 100);
  }
  EXPECT_GT(roomy, 0.8);
  EXPECT_LT(headroom_of(node), 0.1);
}

TEST_F(NodeTerms, MisspeltRegionIsRefusedAndNotMade) {
  const auto refused = change(node, R"({"region":"eu-wets"})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find(R"("pointer":"/region","code":"region_not_found")"),
            std::string::npos)
      << refused.body;
  EXPECT_EQ(world.get("regions/eu-wets").code(), "region_not_found");
  ASSERT_EQ(world.act("regions", R"({"code":"eu-west"})").status, 201);
  EXPECT_EQ(change(node, R"({"region":"eu-west"})").status, 200);
}

TEST_F(NodeTerms, RegionIsCreatedOnlyUnderItsConditions) {
  EXPECT_EQ(world.send("POST", "regions", R"({"code":"us"})", "\"anything\"").code(),
            "precondition_failed");
  EXPECT_EQ(world.get("regions/us").status, 404);
  ASSERT_EQ(world.act("regions", R"({"code":"us"})").status, 201);
  const auto tag = world.get("regions/us").header("ETag");
  EXPECT_EQ(world.send("POST", "regions", R"({"code":"us"})", tag).code(), "already_exists");
  EXPECT_EQ(world.send("POST", "regions", R"({"code":"us"})", "\"other\"").code(),
            "precondition_failed");
  net::http_fields unless_there;
  unless_there.add("If-None-Match", "*");
  const auto again = world.call({.method = "POST",
                                 .target = "/api/v1/admin/regions",
                                 .token = world.chief_token,
                                 .body = R"({"code":"us"})",
                                 .headers = unless_there});
  EXPECT_EQ(again.code(), "precondition_failed");
}

TEST_F(NodeTerms, NeedTheSchemaAndNodesWithoutThemDoNot) {
  ASSERT_TRUE(world.store->migrate_down(services::node_terms_schema - 1));
  EXPECT_TRUE(world.nodes.drain(world.admin(), node.id));
  EXPECT_EQ(world.nodes.change(world.admin(), node.id, {.max_sessions = 5}).error(),
            errc::schema_too_old);
}

}
}
