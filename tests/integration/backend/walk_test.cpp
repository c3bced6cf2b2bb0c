#include "support/walk.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <set>

#include "httvps/base/clock.hpp"
#include "httvps/base/encoding.hpp"

namespace httvps::testing {
namespace {

constexpr std::string_view session = "00000000000000aa";

json_object usage_body(int seq, const std::string& node, int up, const std::string& token) {
  json_object row{{"n", 1}, {"node_id", node}, {"up", up}, {"down", 2 * up}};
  if (!token.empty()) {
    row["token"] = token;
  }
  return {{"epoch", "00ff"}, {"seq", seq}, {"rows", boost::json::array{row}}};
}

json_object validate_body(const std::string& token) {
  return {{"token", token}, {"session", boost::json::string(session.data(), session.size())}};
}

std::set<std::string> fields_of(const json_object& object) {
  std::set<std::string> names;
  for (const auto& member : object) {
    names.insert(member.key());
  }
  return names;
}

json_object example_answer(std::string_view name) {
  std::ifstream file(HTTVPS_SOURCE_DIR "/tests/vectors/control_api.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (const auto& entry : boost::json::parse(text).at("exchanges").as_array()) {
    if (text_at(entry.as_object(), "name") == name) {
      return entry.at("response").as_object();
    }
  }
  return {};
}

void expect_shape(const api_answer& answer, std::string_view example) {
  EXPECT_EQ(fields_of(answer.json()), fields_of(example_answer(example))) << answer.body;
}

class BackendWalk : public ::testing::Test {
 protected:
  api_answer validate(const enrolled_device& device) {
    return world.as_gateway(gateway, "/api/v1/auth/validate-device", validate_body(device.token));
  }
  api_answer report(const json_object& body) {
    return world.as_gateway(gateway, "/api/v1/usage/report", body);
  }
  std::int64_t counted(std::string_view direction) {
    EXPECT_TRUE(world.wait_until_posted());
    return world.counted(direction);
  }

  walk world;
  gateway_identity gateway = (world.fill(), world.join("gate"));
};

TEST_F(BackendWalk, LinkEnrolsADeviceWhoseTokenIsAllowedAndGetsASealedNode) {
  const auto link = identity::parse_enrolment_link(world.link_for(gateway));
  ASSERT_TRUE(link);
  const auto now = base::real_clock().system_now();
  const auto verified = identity::verify_enrolment_link(*link, now);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->ticket.gateway_id, gateway.id);
  const auto device = world.enrol(gateway);
  const auto allowed = validate(device);
  ASSERT_EQ(allowed.status, 200) << allowed.body;
  EXPECT_TRUE(allowed.json().at("allow").as_bool());
  EXPECT_EQ(allowed.text("subscription_id"), world.subscription);
  const auto assigned = world.as_gateway(gateway, "/api/v1/nodes/assign-outline",
                                         {{"token", device.token}, {"region", ""}});
  ASSERT_EQ(assigned.status, 200) << assigned.body;
  EXPECT_EQ(assigned.text("node_id"), world.node);
  const auto sealed = base::from_base64url(assigned.text("sealed_key"));
  const auto opened = gateway.box.open(*sealed);
  ASSERT_TRUE(opened);
  const auto document = boost::json::parse(std::string(opened->reveal_text())).as_object();
  EXPECT_EQ(text_at(document, "url"), planted_access_key());
}

TEST_F(BackendWalk, DeviceRenewsItsTokenAndReadsItsConfigAndItself) {
  const auto device = world.enrol(gateway);
  const auto renewed = world.as_device(gateway, device, "POST", "/api/v1/devices/token");
  ASSERT_EQ(renewed.status, 200) << renewed.body;
  EXPECT_TRUE(renewed.text("token").starts_with("v4.public."));
  const auto config = world.as_device(gateway, device, "GET", "/api/v1/devices/config");
  EXPECT_EQ(config.status, 200) << config.body;
  const auto me = world.as_device(gateway, device, "GET", "/api/v1/me");
  ASSERT_EQ(me.status, 200) << me.body;
  EXPECT_EQ(me.text("device_id"), device.id);
  EXPECT_EQ(text_at(me.json().at("subscription").as_object(), "standing"), "active");
}

TEST_F(BackendWalk, AnswersHaveTheFieldsOfTheContractVectors) {
  const auto device = world.enrol(gateway);
  const auto box = identity::box_key::generate(base::secure_random());
  expect_shape(world.api->post("/api/v1/gateway/join", "", world.join_body("other", box)),
               "a gateway joins with the shared secret");
  expect_shape(world.api->get("/api/v1/gateway/config", gateway.credential),
               "the configuration of an approved gateway");
  expect_shape(validate(device), "an allowed device");
  expect_shape(world.as_gateway(gateway, "/api/v1/nodes/assign-outline",
                                {{"token", device.token}, {"region", "eu"}}),
               "a node is assigned");
  expect_shape(world.as_gateway(gateway, "/api/v1/nodes/assign-outline",
                                {{"token", device.token}, {"region", "us"}}),
               "no node is alive");
  expect_shape(report(usage_body(5, world.node, 1, device.token)), "usage that came after a gap");
  expect_shape(world.as_device(gateway, device, "POST", "/api/v1/devices/token"),
               "a device renews its token");
  expect_shape(world.as_device(gateway, device, "GET", "/api/v1/devices/config"),
               "a device reads its configuration");
  expect_shape(world.as_device(gateway, device, "GET", "/api/v1/me"),
               "a device reads about itself");
}

TEST_F(BackendWalk, DeviceSeesItsRegionsAndDevicesAndRevokesItself) {
  const auto device = world.enrol(gateway);
  const auto other = world.enrol(gateway);
  expect_shape(world.as_device(gateway, device, "GET", "/api/v1/regions"),
               "a device lists the regions of its plan");
  const auto both = world.as_device(gateway, device, "GET", "/api/v1/me/devices");
  expect_shape(both, "a device lists the devices of its subscription");
  EXPECT_EQ(both.json().at("devices").as_array().size(), 2U);
  const auto path = "/api/v1/me/devices/" + device.id + ":revoke";
  const auto revoked = world.as_device(gateway, device, "POST", path);
  expect_shape(revoked, "a device revokes itself");
  EXPECT_EQ(revoked.text("state"), "revoked");
  EXPECT_EQ(validate(device).text("code"), "device_revoked");
  const auto one = world.as_device(gateway, other, "GET", "/api/v1/me/devices");
  EXPECT_EQ(one.json().at("devices").as_array().size(), 1U);
}

TEST_F(BackendWalk, UsageIsCountedOnceAndAConflictIsNamed) {
  const auto device = world.enrol(gateway);
  const auto first = report(usage_body(1, world.node, 100, device.token));
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.json().at("acked_through").to_number<int>(), 1);
  EXPECT_EQ(report(usage_body(1, world.node, 100, device.token)).status, 200);
  EXPECT_EQ(counted("up"), 100);
  EXPECT_EQ(counted("down"), 200);
  const auto conflict = report(usage_body(1, world.node, 101, device.token));
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(conflict.text("code"), "digest_mismatch");
  EXPECT_EQ(report(usage_body(2, world.node, 150, "")).status, 200);
  EXPECT_EQ(counted("up"), 150);
}

TEST_F(BackendWalk, QuotaAndRevocationDenyWithTheirNames) {
  const auto device = world.enrol(gateway);
  ASSERT_EQ(report(usage_body(1, world.node, 400000, device.token)).status, 200);
  ASSERT_TRUE(world.wait_until_posted());
  EXPECT_EQ(validate(device).text("code"), "quota_exceeded");
  ASSERT_EQ(world.admin_post("/devices/" + device.id + ":revoke", {}).status, 200);
  const auto denied = validate(device);
  EXPECT_EQ(denied.status, 200);
  EXPECT_FALSE(denied.json().at("allow").as_bool());
  EXPECT_EQ(denied.text("code"), "device_revoked");
  EXPECT_FALSE(denied.text("sentence").empty());
  const auto renewal = world.as_device(gateway, device, "POST", "/api/v1/devices/token");
  EXPECT_EQ(renewal.status, 403);
  EXPECT_EQ(renewal.text("code"), "device_revoked");
}

TEST_F(BackendWalk, RestartKeepsEverything) {
  const auto device = world.enrol(gateway);
  ASSERT_EQ(report(usage_body(1, world.node, 100, device.token)).status, 200);
  const auto before = world.folder.text_of("root-key");
  EXPECT_EQ(world.process->stop(), 0);
  world.restart();
  EXPECT_EQ(world.folder.text_of("root-key"), before);
  EXPECT_TRUE(validate(device).json().at("allow").as_bool());
  EXPECT_EQ(report(usage_body(1, world.node, 100, device.token)).status, 200);
  EXPECT_EQ(counted("up"), 100);
  EXPECT_EQ(world.admin_get("/devices").json().at("items").as_array().size(), 1U);
}

TEST_F(BackendWalk, KillKeepsWhatWasAcknowledged) {
  const auto device = world.enrol(gateway);
  ASSERT_EQ(report(usage_body(1, world.node, 100, device.token)).status, 200);
  world.process->kill();
  world.restart();
  EXPECT_EQ(world.counted("up", 100), 100);
}

TEST_F(BackendWalk, HeartbeatsOfGatewayAndNodeAreShown) {
  json_object beat{{"node_id", gateway.id}, {"region", "eu"},
                   {"uptime_sec", 5},       {"active_sessions", 2},
                   {"cpu_load", 0.25},      {"mem_load", 0.5},
                   {"bytes_up", 10},        {"bytes_down", 20},
                   {"last_error", ""},      {"timestamp", "2026-11-21T12:00:00Z"}};
  const auto mine = world.as_gateway(gateway, "/api/v1/gateway/heartbeat", beat);
  ASSERT_EQ(mine.status, 200) << mine.body;
  const auto made_at = std::chrono::duration_cast<std::chrono::seconds>(
      base::real_clock().system_now().time_since_epoch());
  EXPECT_NEAR(mine.json().at("key_set_version").to_number<double>(),
              static_cast<double>(made_at.count()), 300);
  beat["node_id"] = world.node;
  const auto node = world.api->post("/api/v1/outline/heartbeat", world.node_credential, beat);
  EXPECT_EQ(node.status, 200) << node.body;
  EXPECT_EQ(world.as_gateway(gateway, "/api/v1/gateway/heartbeat", beat).status, 422);
  const auto gateways = world.admin_get("/gateways").json().at("items").as_array();
  EXPECT_EQ(gateways.at(0).at("heartbeat").at("active_sessions").to_number<int>(), 2);
}

TEST_F(BackendWalk, AssignmentIsExplainedToAdmins) {
  const auto device = world.enrol(gateway);
  const auto path = "/devices/" + device.id + "/assignment:explain";
  EXPECT_EQ(world.admin_get(path).text("code"), "assignment_not_found");
  const auto assigned = world.as_gateway(gateway, "/api/v1/nodes/assign-outline",
                                         {{"token", device.token}, {"region", ""}});
  ASSERT_EQ(assigned.status, 200) << assigned.body;
  EXPECT_EQ(assigned.json().at("nodes").as_array().size(), 1U);
  const auto told = world.admin_get(path);
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(told.text("reason"), "kept");
  EXPECT_EQ(told.text("node_id"), world.node);
  const auto candidates = told.json().at("candidates").as_array();
  ASSERT_EQ(candidates.size(), 1U);
  EXPECT_GT(candidates[0].at("factors").at("weight").to_number<int>(), 0);
  EXPECT_EQ(world.api->get("/api/v1/admin" + path, gateway.credential).status, 401);
  EXPECT_EQ(world.admin_get("/devices/dev_x/assignment:explain").status, 404);
  const json_object where{{"latitude_millionths", 50110000}, {"longitude_millionths", 8680000}};
  EXPECT_EQ(world.admin_post("/regions/eu:place", where).text("code"), "eu");
  EXPECT_EQ(world.admin_post("/regions/xx:place", where).status, 404);
}

TEST_F(BackendWalk, ConnectOutcomesAreTakenAndNamedInMetrics) {
  const auto device = world.enrol(gateway);
  world.as_gateway(gateway, "/api/v1/nodes/assign-outline",
                   {{"token", device.token}, {"region", ""}});
  const json_object outcome{
      {"node_id", world.node}, {"succeeded", 3}, {"failed", 1}, {"connect_us", 900}};
  const auto taken = world.as_gateway(gateway, "/api/v1/gateway/outcomes",
                                      {{"nodes", boost::json::array{outcome}}});
  EXPECT_EQ(taken.status, 200) << taken.body;
  EXPECT_EQ(fields_of(taken.json()),
            fields_of(example_answer("connects to two nodes in the last 10 s")));
  const auto metrics = world.metrics();
  EXPECT_NE(metrics.find("httvps_backend_nodes{region=\"eu\",health=\"healthy\","
                         "admin_state=\"enabled\"} 1"),
            std::string::npos)
      << metrics;
  EXPECT_NE(metrics.find("httvps_backend_assignment_total{region=\"eu\",reason=\"first\"} 1"),
            std::string::npos);
}

TEST(BackendJoin, PendingGatewayGetsNothingUntilItIsApproved) {
  walk world(environment{});
  world.fill();
  const auto gateway = world.join("gate");
  const auto pending = world.api->get("/api/v1/gateway/config", gateway.credential);
  EXPECT_EQ(pending.status, 403);
  EXPECT_EQ(pending.text("code"), "gateway_pending");
  EXPECT_FALSE(pending.json().contains("key_set"));
  ASSERT_EQ(world.admin_post("/gateways/" + gateway.id + ":approve", {}).status, 200);
  const auto config = world.api->get("/api/v1/gateway/config", gateway.credential);
  EXPECT_EQ(config.status, 200) << config.body;
  EXPECT_EQ(config.text("state"), "approved");
}

TEST(BackendJoin, OneUseTokenOfAnAdminApproves) {
  walk world(environment{});
  const auto invited = world.admin_post("/gateways", {{"name", "gate"}, {"region", "eu"}});
  ASSERT_EQ(invited.status, 201) << invited.body;
  const auto box = identity::box_key::generate(base::secure_random());
  auto body = world.join_body("gate", box);
  body["secret"] = invited.text("join_token");
  const auto joined = world.api->post("/api/v1/gateway/join", "", body);
  EXPECT_EQ(joined.text("state"), "approved") << joined.body;
  body["secret"] = "guessed-secret-000000";
  EXPECT_EQ(world.api->post("/api/v1/gateway/join", "", body).text("code"), "join_refused");
}

}
}
