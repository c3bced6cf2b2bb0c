#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <thread>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

struct GatewayFeed : ::testing::Test {
  GatewayFeed() { world.fill(); }

  api_answer config(const std::string& query = "") const {
    return world.api->get("/api/v1/gateway/config" + query, gateway.credential);
  }
  static std::uint64_t number(const api_answer& answer, std::string_view field) {
    return answer.json().at({field.data(), field.size()}).to_number<std::uint64_t>();
  }
  std::string rev_query(int wait) const {
    return "?rev=" + std::to_string(number(config(), "rev")) + "&wait=" + std::to_string(wait);
  }
  api_answer heartbeat() const {
    return world.as_gateway(gateway, "/api/v1/gateway/heartbeat",
                            {{"node_id", gateway.id},
                             {"region", "eu"},
                             {"uptime_sec", 1},
                             {"active_sessions", 0},
                             {"cpu_load", 0},
                             {"mem_load", 0},
                             {"bytes_up", 0},
                             {"bytes_down", 0},
                             {"timestamp", "2026-11-21T22:58:05.084Z"}});
  }
  static bool lists(const api_answer& answer, const std::string& device) {
    const auto listed = answer.json().at("revoked_devices").as_array();
    return std::ranges::any_of(
        listed, [&](const auto& each) { return std::string(each.as_string()) == device; });
  }

  walk world;
  gateway_identity gateway = world.join("orchard-gate");
};

TEST_F(GatewayFeed, HeartbeatAndConfigNameARevocation) {
  const auto device = world.enrol(gateway);
  const auto before = number(heartbeat(), "revocation_version");
  EXPECT_FALSE(lists(config(), device.id));
  ASSERT_EQ(world.admin_post("/devices/" + device.id + ":revoke", {}).status, 200);
  EXPECT_EQ(number(heartbeat(), "revocation_version"), before + 1);
  const auto after = config();
  EXPECT_EQ(number(after, "revocation_version"), before + 1);
  EXPECT_TRUE(lists(after, device.id));
}

TEST_F(GatewayFeed, SuspendedUserAndSubscriptionAreListedUntilResumed) {
  const auto device = world.enrol(gateway);
  for (const auto& subject : {"/users/" + world.user, "/subscriptions/" + world.subscription}) {
    ASSERT_EQ(world.admin_post(subject + ":suspend", {}).status, 200) << subject;
    EXPECT_TRUE(lists(config(), device.id)) << subject;
    ASSERT_EQ(world.admin_post(subject + ":resume", {}).status, 200) << subject;
    EXPECT_FALSE(lists(config(), device.id)) << subject;
  }
}

TEST_F(GatewayFeed, PollWaitsUntilSomethingChangesAndIsAnsweredAtOnce) {
  const auto device = world.enrol(gateway);
  const auto query = rev_query(8);
  auto waiting = std::async(std::launch::async, [&] { return config(query); });
  EXPECT_EQ(waiting.wait_for(milliseconds(700)), std::future_status::timeout);
  const auto changed = clock::now();
  ASSERT_EQ(world.admin_post("/devices/" + device.id + ":revoke", {}).status, 200);
  const auto answer = waiting.get();
  EXPECT_LT(clock::now() - changed, milliseconds(2000));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(lists(answer, device.id));
}

TEST_F(GatewayFeed, PollWithoutNewsIsNotModifiedAfterItsWait) {
  const auto query = rev_query(1);
  const auto started = clock::now();
  const auto answer = config(query);
  EXPECT_EQ(answer.status, 304);
  EXPECT_TRUE(answer.body.empty());
  EXPECT_GE(clock::now() - started, milliseconds(900));
  EXPECT_EQ(config(rev_query(0)).status, 304);
}

TEST_F(GatewayFeed, OtherRevisionIsAnsweredWithoutWaiting) {
  const auto started = clock::now();
  EXPECT_EQ(config("?rev=1000000&wait=8").status, 200);
  EXPECT_EQ(config("?wait=8").status, 200);
  EXPECT_LT(clock::now() - started, milliseconds(4000));
}

TEST_F(GatewayFeed, BoundsOfThePollAreNamed) {
  const auto answer = config("?wait=61");
  EXPECT_EQ(answer.status, 422);
  EXPECT_NE(answer.body.find("/wait"), std::string::npos);
  EXPECT_EQ(config("?rev=-1").status, 422);
  EXPECT_EQ(config("?patience=1").status, 422);
}

TEST_F(GatewayFeed, WaitingPollsHoldNoThreadOfTheBackend) {
  const auto query = rev_query(5);
  std::vector<std::future<api_answer>> polls;
  for (int i = 0; i < 40; ++i) {
    polls.push_back(std::async(std::launch::async, [&] { return config(query); }));
  }
  std::this_thread::sleep_for(milliseconds(500));
  const auto started = clock::now();
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(heartbeat().status, 200);
  }
  EXPECT_LT(clock::now() - started, milliseconds(2000));
  for (auto& each : polls) {
    EXPECT_EQ(each.get().status, 304);
  }
}

TEST_F(GatewayFeed, StoppingAnswersThoseWhoWait) {
  const auto query = rev_query(60);
  auto waiting = std::async(std::launch::async, [&] { return config(query); });
  std::this_thread::sleep_for(milliseconds(500));
  const auto started = clock::now();
  EXPECT_EQ(world.process->stop(), 0);
  EXPECT_EQ(waiting.get().status, 304);
  EXPECT_LT(clock::now() - started, milliseconds(5000));
}

}
}
