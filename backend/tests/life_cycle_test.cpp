#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/api_world.hpp"
#include "support/key_agent.hpp"

namespace httvps::backend::api {
namespace {

using models::gateway_state;
using models::node_state;
using services::errc;
using test_support::api_reply;
using test_support::api_world;
using test_support::key_agent;

class LifeCycle : public ::testing::Test {
 protected:
  api_reply send(const std::string& method, const std::string& target,
                 const std::string& body = "") const {
    net::http_fields headers;
    headers.add("If-Match", "*");
    return world.call({.method = method,
                       .target = "/api/v1/admin/" + target,
                       .token = world.chief_token,
                       .body = body,
                       .headers = headers});
  }
  std::size_t lines(const std::string& object) const {
    return world.audit.newest({.object = object, .size = 100}).value().items.size();
  }
  void beat(const models::node& node) {
    ASSERT_TRUE(world.nodes.heartbeat(
        node, {.received_at = world.clock.system_now(), .sent_at = world.clock.system_now()}));
  }

  api_world world;
};

class RegionLifeCycle : public LifeCycle {};

TEST_F(RegionLifeCycle, GoesFromCreationOverChangesToRemoval) {
  const auto made = send("POST", "regions",
                         R"({"code":"eu-north","latitude_millionths":1,)"
                         R"("longitude_millionths":2})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(send("POST", "regions", R"({"code":"eu-north"})").code(), "already_exists");
  EXPECT_NE(send("GET", "regions").body.find("eu-north"), std::string::npos);
  EXPECT_EQ(send("PATCH", "regions/eu-north", R"({"latitude_millionths":null})").code(),
            "region_place_incomplete");
  const auto moved = send("PATCH", "regions/eu-north", R"({"latitude_millionths":7})");
  EXPECT_NE(moved.body.find("\"latitude_millionths\":7"), std::string::npos) << moved.body;
  EXPECT_EQ(lines("eu-north"), 2U);
  EXPECT_EQ(send("DELETE", "regions/eu-north").status, 204);
  EXPECT_EQ(send("GET", "regions/eu-north").code(), "region_not_found");
  EXPECT_EQ(lines("eu-north"), 3U);
}

TEST_F(RegionLifeCycle, ListIsPagedByCode) {
  for (const auto* code : {"b", "a", "c"}) {
    ASSERT_EQ(send("POST", "regions", std::string(R"({"code":")") + code + "\"}").status, 201);
  }
  const auto first = send("GET", "regions?page_size=2");
  EXPECT_NE(first.body.find(R"("code":"b")"), std::string::npos) << first.body;
  EXPECT_EQ(first.body.find(R"("code":"c")"), std::string::npos) << first.body;
  const auto rest = send("GET", "regions?page_token=" + first.text("next_page_token"));
  EXPECT_NE(rest.body.find(R"("code":"c")"), std::string::npos) << rest.body;
  EXPECT_EQ(rest.body.find(R"("code":"b")"), std::string::npos) << rest.body;
  EXPECT_EQ(rest.text("next_page_token"), "");
}

TEST_F(RegionLifeCycle, RefusesBadInputByName) {
  EXPECT_EQ(send("POST", "regions", R"({"code":"eu","latitude_millionths":1})").code(),
            "region_place_incomplete");
  const auto wrong = send("POST", "regions", R"({"code":"Ä","latitude_millionths":90000001})");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_NE(wrong.body.find("\"/code\""), std::string::npos) << wrong.body;
  EXPECT_NE(wrong.body.find("\"/latitude_millionths\""), std::string::npos) << wrong.body;
  EXPECT_EQ(send("DELETE", "regions/~").code(), "region_not_found");
}

TEST_F(RegionLifeCycle, StaysWhileANodeOrGatewayIsInIt) {
  const auto node = world.add_node();
  EXPECT_EQ(send("DELETE", "regions/" + node.region).code(), "region_in_use");
  ASSERT_EQ(send("POST", "nodes/" + node.id.text() + ":drain").status, 200);
  ASSERT_EQ(send("DELETE", "nodes/" + node.id.text()).status, 204);
  EXPECT_EQ(send("DELETE", "regions/" + node.region).status, 204);
  EXPECT_EQ(send("GET", "regions").body.find('~'), std::string::npos);
}

class NodeLifeCycle : public LifeCycle {
 protected:
  std::string path() const { return "nodes/" + node.id.text(); }

  models::node node = world.add_agent_node();
};

TEST_F(NodeLifeCycle, ChangesWhatItNamesWithOneLineEach) {
  const auto before = lines(node.id.text());
  ASSERT_EQ(send("POST", "regions", R"({"code":"eu-north"})").status, 201);
  const auto changed = send("PATCH", path(), R"({"name":"Oslo 2","region":"eu-north","weight":7})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.text("name"), "Oslo 2");
  EXPECT_EQ(changed.text("region"), "eu-north");
  EXPECT_EQ(send("GET", path()).text("name"), "Oslo 2");
  EXPECT_EQ(send("PATCH", path(), R"({"name":"Oslo 2"})").status, 200);
  EXPECT_EQ(lines(node.id.text()), before + 1);
  const auto wrong = send("PATCH", path(), R"({"name":null,"weight":0,"state":"gone"})");
  EXPECT_EQ(wrong.status, 422);
  for (const auto* pointer : {"\"/name\"", "\"/weight\"", "\"/state\""}) {
    EXPECT_NE(wrong.body.find(pointer), std::string::npos) << wrong.body;
  }
  world.add_node("taken");
  EXPECT_EQ(send("PATCH", path(), R"({"name":"taken"})").code(), "already_exists");
}

TEST_F(NodeLifeCycle, ChangeAndRemovalDemandAnEntityTag) {
  const auto bare = [&](const std::string& method, const std::string& target) {
    return world.call({.method = method,
                       .target = "/api/v1/admin/" + target,
                       .token = world.chief_token,
                       .body = "{}"});
  };
  EXPECT_EQ(bare("PATCH", path()).code(), "precondition_required");
  EXPECT_EQ(bare("DELETE", path()).code(), "precondition_required");
  const auto gate = "gateways/" + world.join().gateway.id.text();
  EXPECT_EQ(bare("PATCH", gate).code(), "precondition_required");
  EXPECT_EQ(bare("DELETE", gate).code(), "precondition_required");
}

TEST_F(NodeLifeCycle, DrainTakesNothingNewAndUndrainEndsIt) {
  EXPECT_EQ(send("POST", path() + ":drain").text("state"), "draining");
  const auto lines_after = lines(node.id.text());
  EXPECT_EQ(send("POST", path() + ":drain").text("state"), "draining");
  EXPECT_EQ(lines(node.id.text()), lines_after);
  EXPECT_EQ(send("POST", path() + ":undrain").text("state"), "enabled");
  ASSERT_EQ(send("PATCH", path(), R"({"state":"disabled"})").status, 200);
  EXPECT_EQ(send("POST", path() + ":drain").code(), "node_disabled");
  EXPECT_EQ(send("POST", path() + ":undrain").code(), "node_disabled");
}

TEST_F(NodeLifeCycle, DisabledRunsNoKeysUntilItIsEnabledAgain) {
  const auto gate = world.join().gateway;
  key_agent agent(world, node);
  agent.roll_out();
  ASSERT_EQ(agent.secrets().size(), 1U);
  ASSERT_EQ(send("PATCH", path(), R"({"state":"disabled"})").status, 200);
  for (int round = 0; round < 3; ++round) {
    agent.roll_out();
    EXPECT_TRUE(agent.secrets().empty());
  }
  const auto revision = send("GET", path()).body;
  world.clock.advance(std::chrono::seconds(5));
  ASSERT_TRUE(world.keys.maintain());
  EXPECT_EQ(send("GET", path()).body, revision);
  ASSERT_EQ(send("PATCH", path(), R"({"state":"enabled"})").status, 200);
  agent.roll_out();
  EXPECT_EQ(agent.secrets().size(), 1U);
}

TEST_F(NodeLifeCycle, IsRemovedOnlyWhenItTakesNobodyAndRunsNoKey) {
  const auto gate = world.join().gateway;
  key_agent agent(world, node);
  agent.roll_out();
  beat(node);
  EXPECT_EQ(send("DELETE", path()).code(), "node_in_use");
  ASSERT_EQ(send("POST", path() + ":drain").status, 200);
  EXPECT_EQ(send("DELETE", path()).code(), "node_keys_live");
  ASSERT_EQ(send("PATCH", path(), R"({"state":"disabled"})").status, 200);
  EXPECT_EQ(send("DELETE", path()).code(), "node_keys_live");
  agent.roll_out();
  EXPECT_EQ(send("DELETE", path()).status, 204);
  EXPECT_EQ(send("GET", path()).code(), "node_not_found");
  EXPECT_EQ(send("GET", "nodes").body.find(node.id.text()), std::string::npos);
  EXPECT_EQ(send("DELETE", path()).code(), "node_not_found");
  EXPECT_TRUE(world.nodes.add(
      world.admin(), {.name = node.name, .region = "eu", .host = "192.0.2.44", .port = 8388}));
}

TEST_F(NodeLifeCycle, ASilentNodeIsRemovedWithItsKeys) {
  const auto gate = world.join().gateway;
  key_agent agent(world, node);
  agent.roll_out();
  beat(node);
  ASSERT_EQ(send("POST", path() + ":drain").status, 200);
  world.clock.advance(models::heartbeat_patience + std::chrono::seconds(1));
  ASSERT_EQ(send("DELETE", path()).status, 204);
  const auto keys = send("GET", "access-keys?node_id=" + node.id.text()).body;
  EXPECT_NE(keys.find("\"state\":\"removed\""), std::string::npos) << keys;
  EXPECT_EQ(keys.find("\"state\":\"active\""), std::string::npos) << keys;
}

TEST_F(NodeLifeCycle, RemovalKillsItsCredential) {
  const auto made = world.nodes.add(
      world.admin(), {.name = "brief", .region = "eu", .host = "192.0.2.45", .port = 8388});
  ASSERT_TRUE(made);
  const std::string credential(made->credential.reveal_text());
  ASSERT_TRUE(world.access.node(credential));
  const auto target = "nodes/" + made->report.node.id.text();
  ASSERT_EQ(send("POST", target + ":drain").status, 200);
  ASSERT_EQ(send("DELETE", target).status, 204);
  EXPECT_EQ(world.access.node(credential).error(), errc::credential_invalid);
}

TEST_F(NodeLifeCycle, AccessKeysShowStateAndAgeAndNoSecret) {
  const auto gate = world.join().gateway;
  key_agent agent(world, node);
  agent.roll_out();
  world.clock.advance(std::chrono::seconds(90));
  const auto all = send("GET", "access-keys?gateway_id=" + gate.id.text());
  ASSERT_EQ(all.status, 200) << all.body;
  EXPECT_NE(all.body.find("\"state\":\"active\""), std::string::npos) << all.body;
  EXPECT_NE(all.body.find("\"age_s\":9"), std::string::npos) << all.body;
  EXPECT_EQ(all.body.find("sealed"), std::string::npos);
  for (const auto& secret : agent.secrets()) {
    EXPECT_EQ(all.body.find(secret.second), std::string::npos);
  }
  const auto mark = all.body.find("key_");
  const auto one = send("GET", "access-keys/" + all.body.substr(mark, 30));
  EXPECT_EQ(one.text("gateway_id"), gate.id.text()) << one.body;
  EXPECT_EQ(send("GET", "access-keys/key_0").code(), "access_key_not_found");
}

class GatewayLifeCycle : public LifeCycle {
 protected:
  std::string path() const { return "gateways/" + joined.gateway.id.text(); }

  services::joined_gateway joined = world.join();
};

TEST_F(GatewayLifeCycle, IsRenamedAndFound) {
  EXPECT_EQ(send("PATCH", path(), R"({"name":"front"})").text("name"), "front");
  EXPECT_EQ(send("GET", path()).text("name"), "front");
  world.join("other");
  EXPECT_EQ(send("PATCH", path(), R"({"name":"other"})").code(), "already_exists");
  EXPECT_EQ(send("PATCH", path(), R"({"name":null})").status, 422);
  EXPECT_EQ(send("GET", "gateways/gw_0").code(), "gateway_not_found");
}

TEST_F(GatewayLifeCycle, RemovalEndsItsCredentialAndItsKeysAtOnce) {
  key_agent agent(world, world.add_agent_node());
  agent.roll_out();
  ASSERT_EQ(agent.secrets().size(), 1U);
  const std::string credential(joined.credential.reveal_text());
  ASSERT_TRUE(world.access.gateway(credential, services::approval::required));
  ASSERT_EQ(send("DELETE", path()).status, 204);
  EXPECT_EQ(world.access.gateway(credential, services::approval::required).error(),
            errc::credential_invalid);
  agent.roll_out();
  EXPECT_TRUE(agent.secrets().empty());
  EXPECT_EQ(send("GET", path()).code(), "gateway_not_found");
  EXPECT_EQ(send("POST", path() + ":approve").code(), "gateway_not_found");
  EXPECT_EQ(send("POST", path() + ":release").code(), "gateway_not_found");
  EXPECT_EQ(send("GET", "gateways").body.find(joined.gateway.id.text()), std::string::npos);
  const auto again = world.gateways.join(world.join_order_for("gate"));
  ASSERT_TRUE(again);
  EXPECT_NE(again->gateway.id, joined.gateway.id);
}

TEST(GatewayApproval, RejectedGatewayIsCutOffUntilItIsReleased) {
  test_support::deployment world(services::join_approval::by_admin);
  const auto waiting = world.join();
  const std::string credential(waiting.credential.reveal_text());
  const auto turned_away = world.gateways.reject(world.admin(), waiting.gateway.id);
  ASSERT_TRUE(turned_away);
  EXPECT_EQ(turned_away->gateway.state, gateway_state::disabled);
  EXPECT_TRUE(world.gateways.reject(world.admin(), waiting.gateway.id));
  EXPECT_EQ(world.access.gateway(credential, services::approval::required).error(),
            errc::gateway_disabled);
  EXPECT_EQ(world.gateways.release(world.admin(), waiting.gateway.id)->gateway.state,
            gateway_state::pending);
  ASSERT_TRUE(world.gateways.approve(world.admin(), waiting.gateway.id));
  EXPECT_EQ(world.gateways.reject(world.admin(), waiting.gateway.id).error(),
            errc::gateway_not_pending);
}

}
}
