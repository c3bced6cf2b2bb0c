#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <chrono>
#include <cstdio>
#include <functional>
#include <optional>
#include <thread>

#include "httvps/base/encoding.hpp"
#include "management_double.hpp"
#include "support/walk.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using outline::testing::fault;
using outline::testing::management_double;
using std::chrono::seconds;

constexpr auto longest_rotation = seconds(60);
constexpr auto patience = 2 * longest_rotation;
constexpr auto look_again = std::chrono::milliseconds(100);
constexpr std::uint16_t port_for_keys = 9443;

bool wait_until(const std::function<bool()>& condition) {
  const auto end = clock::now() + patience;
  while (!condition()) {
    if (clock::now() >= end) {
      return false;
    }
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

class ManagedNode : public ::testing::Test {
 protected:
  void SetUp() override {
    world.user = world.admin_post("/users", {{"name", "Ada"}}).text("id");
    world.plan = world.admin_post("/plans", {{"code", "open"}, {"name", "Open"}}).text("id");
    world.admin_post("/subscriptions", {{"user_id", world.user}, {"plan_id", world.plan}});
    const auto added = world.admin_post("/nodes", {{"name", "managed"},
                                                   {"region", "eu"},
                                                   {"port", port_for_keys},
                                                   {"management_url", server.api_url()},
                                                   {"cert_sha256", server.certificate_sha256()}});
    ASSERT_EQ(added.status, 201) << added.body;
    world.node = text_at(added.json().at("node").as_object(), "id");
    gateway.emplace(world.join("gate"));
    device.emplace(world.enrol(*gateway));
  }

  api_answer assign() const {
    return world.as_gateway(*gateway, "/api/v1/nodes/assign-outline",
                            {{"token", device->token}, {"region", ""}});
  }
  std::string assigned_key() const {
    api_answer answer;
    EXPECT_TRUE(wait_until([&] { return (answer = assign()).status == 200; })) << answer.body;
    EXPECT_EQ(answer.text("node_id"), world.node);
    const auto sealed = base::from_base64url(answer.text("sealed_key"));
    const auto opened = gateway->box.open(sealed.value());
    return text_at(boost::json::parse(std::string(opened.value().reveal_text())).as_object(),
                   "url");
  }
  bool server_knows(const std::string& url) const {
    for (const auto& [id, key] : server.keys()) {
      const auto user = key.method + ":" + key.password;
      if (url.starts_with("ss://" + base::to_base64url(base::as_bytes(user)) + "@")) {
        return true;
      }
    }
    return false;
  }
  void rotate() const {
    const auto answer = world.admin_post("/nodes/" + world.node + ":rotate-keys", {});
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  json_object keyring() const {
    const auto nodes = world.admin_get("/nodes").json().at("items").as_array();
    return nodes.at(0).as_object().at("keyring").as_object();
  }

  management_double server;
  walk world;
  std::optional<gateway_identity> gateway;
  std::optional<enrolled_device> device;
};

TEST_F(ManagedNode, GatewayGetsAKeyThatTheManagementServerKnows) {
  const auto key = assigned_key();
  EXPECT_TRUE(server_knows(key));
  EXPECT_EQ(server.keys().size(), 1U);
}

TEST_F(ManagedNode, EmergencyRotationRemovesTheOldKeyAtTheServerWithinAMinute) {
  const auto old = assigned_key();
  ASSERT_TRUE(server_knows(old));
  const auto called = clock::now();
  rotate();
  ASSERT_TRUE(wait_until([&] { return !server_knows(old); }));
  const std::chrono::duration<double> took = clock::now() - called;
  std::printf("call to removal at the management server: %.1f s\n", took.count());
  RecordProperty("call_to_removal_seconds", std::to_string(took.count()));
  EXPECT_LE(took, longest_rotation);
  const auto next = assigned_key();
  EXPECT_NE(next, old);
  EXPECT_TRUE(server_knows(next));
}

TEST_F(ManagedNode, FaultOfTheServerDelaysTheRotationAndDoesNotBreakIt) {
  const auto old = assigned_key();
  server.behave(fault::server_error);
  rotate();
  ASSERT_TRUE(wait_until([&] { return text_at(keyring(), "rollout") == "failed"; }));
  EXPECT_EQ(text_at(keyring(), "reason"), "server_failed");
  EXPECT_TRUE(server_knows(old));
  EXPECT_NE(assign().status, 200);
  server.behave(fault::none);
  ASSERT_TRUE(wait_until([&] { return !server_knows(old); }));
  const auto next = assigned_key();
  EXPECT_NE(next, old);
  EXPECT_TRUE(server_knows(next));
  EXPECT_EQ(text_at(keyring(), "rollout"), "running");
}

}
}
