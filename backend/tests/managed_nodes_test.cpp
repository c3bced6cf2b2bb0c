#include "httvps/backend/services/managed_nodes.hpp"

#include <gtest/gtest.h>

#include <set>

#include "httvps/backend/services/errc.hpp"
#include "httvps/outline/management_client.hpp"
#include "management_double.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using outline::testing::fault;
using outline::testing::management_double;
using services::errc;
using std::chrono::hours;
using std::chrono::seconds;
using test_support::deployment;

class ManagedNodes : public testing::Test {
 protected:
  services::new_node order() const {
    return {.name = "managed",
            .region = "eu",
            .port = 9443,
            .management_url = base::secret_bytes::from_text(server.api_url()),
            .certificate_sha256 = server.certificate_sha256()};
  }

  models::node add_node() {
    auto made = world.nodes.add(world.admin(), order());
    EXPECT_TRUE(made);
    return made->report.node;
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

  std::set<std::string> passwords() const {
    std::set<std::string> all;
    for (const auto& [id, key] : server.keys()) {
      all.insert(key.password);
    }
    return all;
  }

  services::node_report report() {
    return world.nodes.list({.after = "", .size = 10})->items.front();
  }

  base::result<services::assigned_node> assign() {
    return world.nodes.assign(gateway, {.token = device.answer.token, .region = ""});
  }

  deployment world;
  management_double server;
  services::managed_nodes managed{world.tools, world.keys, {.exchange = seconds(1)}};
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 40});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
  models::node node = add_node();
  test_support::enrolled device = world.enrol(user, gateway);
};

TEST_F(ManagedNodes, KeysAreMadeAtTheServerAndHandedOutOnlyWhenItShowsThem) {
  EXPECT_EQ(node.host, "127.0.0.1");
  round();
  ASSERT_EQ(server.keys().size(), 1U);
  EXPECT_EQ(server.keys().begin()->second.port, 9443);
  EXPECT_EQ(assign().error(), errc::no_node_available);
  round();
  EXPECT_TRUE(assign());
  EXPECT_EQ(report().keyring->rollout, models::rollout_state::running);
}

TEST_F(ManagedNodes, VisitThatTakesTooLongGoesOnInTheNextRound) {
  services::managed_nodes hurried{
      world.tools, world.keys, {.exchange = seconds(1), .visit = seconds(0)}};
  const auto visit = [&] {
    world.clock.advance(services::key_round);
    EXPECT_TRUE(world.keys.maintain());
    EXPECT_TRUE(hurried.work());
    return server.keys().size();
  };
  world.join("second");
  world.join("third");
  for (std::size_t made = 1; made <= 3; ++made) {
    EXPECT_EQ(visit(), made);
  }
  EXPECT_EQ(assign().error(), errc::no_node_available);
  EXPECT_EQ(visit(), 3U);
  EXPECT_TRUE(assign());
}

TEST_F(ManagedNodes, NodeIsRemovedOnlyOnceItsServerHoldsNoKey) {
  settle();
  ASSERT_FALSE(server.keys().empty());
  ASSERT_TRUE(world.nodes.drain(world.admin(), node.id));
  world.clock.advance(models::heartbeat_patience + seconds(1));
  EXPECT_EQ(world.nodes.remove(world.admin(), node.id).error(), errc::node_keys_live);
  ASSERT_TRUE(world.nodes.change(world.admin(), node.id, {.state = models::node_state::disabled}));
  EXPECT_EQ(world.nodes.remove(world.admin(), node.id).error(), errc::node_keys_live);
  settle();
  EXPECT_TRUE(server.keys().empty());
  EXPECT_TRUE(world.nodes.remove(world.admin(), node.id));
}

TEST_F(ManagedNodes, NodeOfADeadServerIsRemovedByForceWithALineThatSaysSo) {
  settle();
  ASSERT_FALSE(server.keys().empty());
  EXPECT_EQ(world.nodes.remove(world.admin(), node.id, services::removal_rule::forced).error(),
            errc::node_in_use)
      << "not while devices are sent there";
  ASSERT_TRUE(world.nodes.change(world.admin(), node.id, {.state = models::node_state::disabled}));
  EXPECT_EQ(world.nodes.remove(world.admin(), node.id).error(), errc::node_keys_live);
  ASSERT_TRUE(world.nodes.remove(world.admin(), node.id, services::removal_rule::forced));
  EXPECT_EQ(world.nodes.find(node.id).error(), errc::node_not_found);
  const auto lines = world.audit.newest({.action = "node.delete", .size = 1}).value();
  EXPECT_EQ(lines.items.at(0).detail, "forced");
}

TEST_F(ManagedNodes, RotationCreatesTheNewKeyAndDeletesTheOldOneAfterTheOverlap) {
  settle();
  const auto first = passwords();
  world.clock.advance(models::key_lifetime);
  settle();
  EXPECT_EQ(server.keys().size(), 2U);
  world.clock.advance(models::key_overlap);
  settle();
  EXPECT_EQ(server.keys().size(), 1U);
  EXPECT_NE(passwords(), first);
}

TEST_F(ManagedNodes, EmergencyRotationAndQuarantineDeleteAtTheServer) {
  settle();
  const auto first = passwords();
  ASSERT_TRUE(world.keys.rotate_node(world.admin(), node.id));
  round();
  EXPECT_EQ(server.keys().size(), 1U);
  EXPECT_NE(passwords(), first);
  round();
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), gateway.id));
  round();
  EXPECT_TRUE(server.keys().empty());
}

TEST_F(ManagedNodes, KeysOfOthersAtTheServerAreLeftAlone) {
  const auto client = outline::management_client::make(server.access()).value();
  ASSERT_TRUE(client.create_key({.name = "somebody else's"}));
  settle();
  EXPECT_EQ(server.keys().size(), 2U);
  ASSERT_TRUE(world.gateways.quarantine(world.admin(), gateway.id));
  settle();
  ASSERT_EQ(server.keys().size(), 1U);
  EXPECT_EQ(server.keys().begin()->second.name, "somebody else's");
}

TEST_F(ManagedNodes, FaultsAreNamedAndTriedAgainWithPauses) {
  const std::pair<fault, std::string> faults[] = {{fault::server_error, "server_failed"},
                                                  {fault::not_tls, "tls_failed"},
                                                  {fault::broken_json, "answer_malformed"},
                                                  {fault::close_before_answer, "closed_early"},
                                                  {fault::teapot, "answer_unexpected"}};
  for (const auto& [chosen, label] : faults) {
    server.behave(chosen);
    ASSERT_TRUE(world.keys.rotate_node(world.admin(), node.id));
    round();
    const auto ring = report().keyring;
    EXPECT_EQ(ring->rollout, models::rollout_state::failed) << label;
    EXPECT_EQ(ring->reason, label);
    EXPECT_FALSE(assign());
  }
  const auto tries = server.record().connections;
  round();
  EXPECT_EQ(server.record().connections, tries);
  server.behave(fault::none);
  world.clock.advance(services::managed_pause_most);
  settle();
  world.clock.advance(services::managed_pause_most);
  settle();
  EXPECT_EQ(report().keyring->rollout, models::rollout_state::running);
  EXPECT_TRUE(assign());
}

TEST_F(ManagedNodes, ASilentServerCostsNoMoreThanItsLimit) {
  server.behave(fault::silence);
  const auto before = base::real_clock().steady_now();
  round();
  EXPECT_LT(base::real_clock().steady_now() - before, seconds(5));
  EXPECT_EQ(report().keyring->reason, "timed_out");
}

TEST_F(ManagedNodes, TransferIsReadForTheKeysOfOurs) {
  settle();
  server.count_traffic(server.keys().begin()->first, 12345);
  world.clock.advance(services::transfer_interval);
  ASSERT_TRUE(managed.work());
  EXPECT_EQ(report().transferred, 12345U);
  server.count_traffic(server.keys().begin()->first, 5);
  ASSERT_TRUE(managed.work());
  EXPECT_EQ(report().transferred, 12345U);
}

TEST_F(ManagedNodes, TheManagementAddressIsEncryptedAndBoundToItsNode) {
  const auto ring = services::read_from(*world.store, [&](services::repositories& tables) {
                      return tables.keyrings.find(node.id);
                    }).value();
  ASSERT_TRUE(ring);
  EXPECT_TRUE(ring->sealed_management.starts_with("enc:v1:"));
  EXPECT_EQ(ring->sealed_management.find("Ab3-dE"), std::string::npos);
  EXPECT_FALSE(world.cipher.open(
      {.table = "node_keyrings", .column = "sealed_management", .record = "node_of_another"},
      ring->sealed_management));
}

TEST_F(ManagedNodes, ANodeNeedsAWellFormedAddressItsCertificateAndAPort) {
  const auto add = [&](services::new_node wanted) {
    wanted.name = "second";
    return world.nodes.add(world.admin(), wanted).error();
  };
  auto wanted = order();
  wanted.certificate_sha256 = std::string(64, 'z');
  EXPECT_EQ(add(wanted), errc::management_access_invalid);
  wanted.certificate_sha256.clear();
  EXPECT_EQ(add(wanted), errc::node_address_invalid);
  wanted = order();
  wanted.port = 0;
  EXPECT_EQ(add(wanted), errc::node_address_invalid);
  wanted = order();
  wanted.access_key = base::secret_bytes::from_text(test_support::node_link);
  EXPECT_EQ(add(wanted), errc::node_address_invalid);
}

}
}
