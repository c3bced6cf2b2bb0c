#include <gtest/gtest.h>

#include <algorithm>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/managed_nodes.hpp"
#include "httvps/outline/management_client.hpp"
#include "management_double.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using outline::testing::fault;
using outline::testing::management_double;
using services::errc;
using std::chrono::seconds;
using test_support::api_reply;
using test_support::life_world;

class KeyLimits : public testing::Test {
 protected:
  services::new_node order(std::optional<std::uint64_t> limit) const {
    return {.name = "managed",
            .region = "eu",
            .port = 9443,
            .management_url = base::secret_bytes::from_text(server.api_url()),
            .certificate_sha256 = server.certificate_sha256(),
            .key_limit_bytes = limit};
  }
  models::node add_node(std::optional<std::uint64_t> limit) {
    auto made = world.nodes.add(world.admin(), order(limit));
    EXPECT_TRUE(made);
    return made->report.node;
  }
  std::string body_with(const std::string& more) const {
    return R"({"name":"managed","region":"eu","port":9443,"management_url":")" + server.api_url() +
           R"(","cert_sha256":")" + server.certificate_sha256() + R"(")" + more + "}";
  }
  api_reply change(const models::node& one, const std::string& body) const {
    const auto tail = "nodes/" + one.id.text();
    return world.send("PATCH", tail, body, world.get(tail).header("ETag"));
  }
  void round() {
    world.clock.advance(services::key_round);
    ASSERT_TRUE(world.keys.maintain());
    ASSERT_TRUE(managed.work());
  }
  void settle() {
    round();
    round();
  }
  std::vector<std::optional<std::uint64_t>> limits() const {
    std::vector<std::optional<std::uint64_t>> all;
    for (const auto& [id, key] : server.keys()) {
      all.push_back(key.limit);
    }
    return all;
  }
  models::keyring ring_of(const models::node& one) {
    return world.nodes.find(one.id)->keyring.value();
  }

  using found_limits = std::vector<std::optional<std::uint64_t>>;

  life_world world;
  management_double server;
  services::managed_nodes managed{world.tools, world.keys, {.exchange = seconds(1)}};
  models::gateway gateway = world.join().gateway;
};

TEST_F(KeyLimits, NewKeysAreMadeWithTheLimitOfTheirNode) {
  const auto made = world.act("nodes", body_with(R"(,"key_limit_bytes":5000)"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_NE(made.body.find(R"("key_limit_bytes":5000)"), std::string::npos) << made.body;
  settle();
  EXPECT_EQ(limits(), found_limits{5000U});
  world.join("second");
  settle();
  EXPECT_EQ(limits(), (found_limits{5000U, 5000U}));
  for (const auto& target : server.record().targets) {
    EXPECT_EQ(target.find("data-limit"), std::string::npos) << "set when it was made: " << target;
  }
}

TEST_F(KeyLimits, KeysFollowAChangeAndItsRemovalWithoutInterruption) {
  const auto node = add_node(std::nullopt);
  world.join("second");
  settle();
  ASSERT_EQ(limits(), (found_limits{std::nullopt, std::nullopt}));
  const auto before = server.keys();
  const auto changed = change(node, R"({"key_limit_bytes":7000})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_NE(changed.body.find(R"("key_limit_bytes":7000)"), std::string::npos);
  EXPECT_NE(world.newest_line("node.change").after.find(R"("key_limit_bytes":7000)"),
            std::string::npos);
  round();
  EXPECT_EQ(limits(), (found_limits{7000U, 7000U}));
  EXPECT_EQ(ring_of(node).rollout, models::rollout_state::running);
  EXPECT_EQ(ring_of(node).running_revision, ring_of(node).revision);
  ASSERT_EQ(change(node, R"({"key_limit_bytes":null})").status, 200);
  round();
  EXPECT_EQ(limits(), (found_limits{std::nullopt, std::nullopt}));
  for (const auto& [id, key] : server.keys()) {
    EXPECT_EQ(key.password, before.at(id).password);
  }
}

TEST_F(KeyLimits, NothingIsSaidTwiceNorForTheKeysOfOthers) {
  const auto client = outline::management_client::make(server.access()).value();
  ASSERT_TRUE(client.create_key_as("another", {.name = "another", .data_limit = 1}));
  const auto node = add_node(5000);
  settle();
  ASSERT_EQ(change(node, R"({"key_limit_bytes":5000})").status, 200);
  ASSERT_TRUE(world.keys.rotate_node(world.admin(), node.id));
  settle();
  for (const auto& target : server.record().targets) {
    EXPECT_EQ(target.find("data-limit"), std::string::npos) << target;
  }
  ASSERT_EQ(server.keys().size(), 2U);
  for (const auto& [id, key] : server.keys()) {
    EXPECT_EQ(key.limit, id == "another" ? 1U : 5000U);
  }
}

TEST_F(KeyLimits, AVisitThatTakesTooLongGoesOnInTheNextRound) {
  const auto node = add_node(std::nullopt);
  world.join("second");
  settle();
  ASSERT_TRUE(world.nodes.change(world.admin(), node.id, {.key_limit_bytes = 9000U}));
  services::managed_nodes hurried{
      world.tools, world.keys, {.exchange = seconds(1), .visit = seconds(0)}};
  const auto visit = [&] {
    world.clock.advance(services::key_round);
    EXPECT_TRUE(hurried.work());
    return std::ranges::count(limits(), std::optional<std::uint64_t>(9000U));
  };
  EXPECT_EQ(visit(), 1);
  EXPECT_NE(ring_of(node).running_revision, ring_of(node).revision);
  EXPECT_EQ(visit(), 2);
  visit();
  EXPECT_EQ(ring_of(node).running_revision, ring_of(node).revision);
}

TEST_F(KeyLimits, AFaultOfTheServerIsNamedAndTheLimitIsSetLater) {
  const auto node = add_node(std::nullopt);
  settle();
  server.behave(fault::server_error);
  ASSERT_TRUE(world.nodes.change(world.admin(), node.id, {.key_limit_bytes = 9000U}));
  round();
  EXPECT_EQ(ring_of(node).rollout, models::rollout_state::failed);
  EXPECT_EQ(ring_of(node).reason, "server_failed");
  EXPECT_EQ(limits(), found_limits{std::nullopt});
  server.behave(fault::none);
  world.clock.advance(services::managed_pause_most);
  settle();
  EXPECT_EQ(limits(), found_limits{9000U});
  EXPECT_EQ(ring_of(node).rollout, models::rollout_state::running);
}

TEST_F(KeyLimits, OutOfBoundsAreNamedByTheirPointer) {
  const auto node = add_node(std::nullopt);
  for (const auto* wrong : {"-1", "1.5", "9223372036854775808", "\"5000\""}) {
    const auto field = std::string(R"("key_limit_bytes":)") + wrong;
    const auto refused = change(node, "{" + field + "}");
    EXPECT_EQ(refused.status, 422) << wrong;
    EXPECT_NE(refused.body.find(R"("pointer":"/key_limit_bytes")"), std::string::npos)
        << refused.body;
    EXPECT_EQ(world.act("nodes", body_with("," + field)).status, 422) << wrong;
  }
  EXPECT_FALSE(world.nodes.find(node.id)->node.key_limit_bytes);
}

TEST_F(KeyLimits, NodesWithoutAManagementAddressTakeNone) {
  const auto fixed = world.add_node("fixed");
  const auto agent = world.add_agent_node("agent");
  for (const auto& one : {fixed, agent}) {
    const auto refused = change(one, R"({"key_limit_bytes":5000})");
    EXPECT_EQ(refused.status, 409) << refused.body;
    EXPECT_EQ(refused.code(), "node_not_managed");
    EXPECT_EQ(change(one, R"({"key_limit_bytes":null})").status, 200);
  }
  const auto added = world.act(
      "nodes",
      R"({"name":"late","region":"eu","host":"192.0.2.9","port":8388,"key_limit_bytes":5000})");
  EXPECT_EQ(added.code(), "node_not_managed") << added.body;
}

TEST_F(KeyLimits, NeedTheSchemaAndManagedNodesWithoutThemDoNot) {
  const auto node = add_node(std::nullopt);
  ASSERT_TRUE(world.store->migrate_down(services::fleet_terms_schema - 1));
  settle();
  EXPECT_EQ(limits(), found_limits{std::nullopt});
  EXPECT_TRUE(world.nodes.change(world.admin(), node.id, {.weight = 5}));
  EXPECT_EQ(world.nodes.change(world.admin(), node.id, {.key_limit_bytes = 5}).error(),
            errc::schema_too_old);
  EXPECT_EQ(world.nodes.add(world.admin(), order(5)).error(), errc::schema_too_old);
}

}
}
