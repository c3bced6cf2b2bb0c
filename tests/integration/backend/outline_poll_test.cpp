#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <chrono>
#include <future>

#include "support/walk.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::seconds;

struct agent_node {
  std::string id;
  std::string credential;
};

class OutlinePolls : public ::testing::Test {
 protected:
  agent_node add_node(const std::string& name) {
    const auto made = world.admin_post(
        "/nodes", {{"name", name}, {"region", "eu"}, {"host", "192.0.2.9"}, {"port", 9000}});
    EXPECT_EQ(made.status, 201) << made.body;
    return {.id = text_at(made.json().at("node").as_object(), "id"),
            .credential = made.text("credential")};
  }

  api_answer poll(const agent_node& node, std::uint64_t revision, int wait) const {
    return world.api->get("/api/v1/outline/config?rev=" + std::to_string(revision) +
                              "&wait=" + std::to_string(wait) +
                              "&x25519_public=" + box.public_part().to_base64url(),
                          node.credential);
  }

  std::future<api_answer> poll_beside(const agent_node& node, std::uint64_t revision, int wait) {
    return std::async(std::launch::async,
                      [this, node, revision, wait] { return poll(node, revision, wait); });
  }

  double metric(const std::string& name) const {
    const auto text = world.metrics();
    const auto found = text.find("\n" + name + " ");
    return found == std::string::npos ? -1 : std::stod(text.substr(found + name.size() + 2));
  }

  bool wait_for_polls(double wanted) const {
    const auto end = clock::now() + seconds(10);
    while (metric("httvps_backend_polls_waiting") != wanted) {
      if (clock::now() > end) {
        return false;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
  }

  std::uint64_t revision_of(const api_answer& answer) const {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.json().at("rev").to_number<std::uint64_t>();
  }

  walk world{{{"BACKEND_GATEWAY_AUTO_APPROVE", "true"},
              {"BACKEND_DB_CONNECTIONS", "1"},
              {"BACKEND_POLLS", "3"}}};
  identity::box_key box = identity::box_key::generate(base::secure_random());
};

TEST_F(OutlinePolls, AnswersAsSoonAsTheKeysChange) {
  const auto node = add_node("one");
  const auto held = revision_of(poll(node, 0, 0));
  auto waiting = poll_beside(node, held, 30);
  ASSERT_TRUE(wait_for_polls(1));
  const auto before = clock::now();
  world.join("gate");
  const auto answer = waiting.get();
  EXPECT_LT(clock::now() - before, seconds(8));
  EXPECT_GT(revision_of(answer), held);
  const auto keys = answer.json().at("keys").as_array();
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(text_at(keys.front().as_object(), "cipher"), "chacha20-ietf-poly1305");
}

TEST_F(OutlinePolls, SaysNotModifiedWhenTheWaitIsOver) {
  const auto node = add_node("one");
  const auto held = revision_of(poll(node, 0, 0));
  const auto before = clock::now();
  const auto answer = poll(node, held, 1);
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body, "");
  EXPECT_GE(clock::now() - before, std::chrono::milliseconds(900));
  EXPECT_EQ(poll(node, held, 0).status, 304);
}

TEST_F(OutlinePolls, WaitWithoutHoldingAWorkerAndEndWithTheProcess) {
  const auto one = add_node("one");
  const auto two = add_node("two");
  auto first = poll_beside(one, revision_of(poll(one, 0, 0)), 60);
  auto second = poll_beside(two, revision_of(poll(two, 0, 0)), 60);
  ASSERT_TRUE(wait_for_polls(2));
  const auto before = clock::now();
  for (int i = 0; i < 20; ++i) {
    ASSERT_EQ(world.admin_get("/nodes").status, 200);
  }
  EXPECT_LT(clock::now() - before, seconds(5));
  const auto stopping = clock::now();
  EXPECT_EQ(world.process->stop(), 0);
  EXPECT_LT(clock::now() - stopping, seconds(8));
  EXPECT_EQ(first.get().status, 304);
  EXPECT_EQ(second.get().status, 304);
}

TEST_F(OutlinePolls, MoreThanThePlacesAreRefused) {
  std::vector<std::future<api_answer>> waiting;
  for (const auto* name : {"a", "b", "c"}) {
    const auto node = add_node(name);
    waiting.push_back(poll_beside(node, revision_of(poll(node, 0, 0)), 5));
  }
  ASSERT_TRUE(wait_for_polls(3));
  const auto late = add_node("d");
  const auto refused = poll(late, revision_of(poll(late, 0, 0)), 5);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.text("code"), "server_busy");
  EXPECT_EQ(metric("httvps_backend_polls_refused_total"), 1);
  for (auto& each : waiting) {
    EXPECT_EQ(each.get().status, 304);
  }
  EXPECT_TRUE(wait_for_polls(0));
}

TEST_F(OutlinePolls, ANewerPollOfANodeTakesThePlaceOfTheOlder) {
  const auto node = add_node("one");
  const auto held = revision_of(poll(node, 0, 0));
  auto older = poll_beside(node, held, 60);
  ASSERT_TRUE(wait_for_polls(1));
  auto newer = poll_beside(node, held, 2);
  EXPECT_EQ(older.get().status, 304);
  EXPECT_EQ(newer.get().status, 304);
}

TEST_F(OutlinePolls, RefuseABadQueryAndAnUnknownCredential) {
  const auto node = add_node("one");
  const auto bad =
      world.api->get("/api/v1/outline/config?rev=-1&wait=61&x25519_public=short", node.credential);
  EXPECT_EQ(bad.status, 422);
  std::set<std::string> pointers;
  for (const auto& error : bad.json().at("errors").as_array()) {
    pointers.insert(text_at(error.as_object(), "pointer"));
  }
  EXPECT_EQ(pointers, (std::set<std::string>{"/rev", "/wait", "/x25519_public"}));
  EXPECT_EQ(poll({.id = "", .credential = "htn_unknown"}, 0, 0).status, 401);
  EXPECT_EQ(world.api
                ->post("/api/v1/outline/keys:ack", node.credential,
                       {{"rev", 1},
                        {"state", "waiting"},
                        {"reason", ""},
                        {"key_ids", boost::json::array()},
                        {"timestamp", "2026-11-28T22:58:05.084Z"}})
                .status,
            422);
}

TEST_F(OutlinePolls, CountersAreTaken) {
  const auto node = add_node("one");
  const auto answer = world.api->post("/api/v1/outline/counters", node.credential,
                                      {{"epoch", "00112233445566ff"},
                                       {"timestamp", "2026-11-28T22:58:05.084Z"},
                                       {"rows", boost::json::array()}});
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json().at("interval_ms").to_number<int>(), 60000);
}

}
}
