#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "httvps/backend/services/errc.hpp"
#include "httvps/base/encoding.hpp"
#include "support/key_agent.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using services::rollout_verdict;
using std::chrono::hours;
using test_support::deployment;
using test_support::key_agent;

std::string password_in(const std::string& url) {
  constexpr std::string_view scheme = "ss://";
  EXPECT_TRUE(url.starts_with(scheme));
  EXPECT_NE(url.find("@192.0.2.9:9000"), std::string::npos);
  const auto user = base::from_base64url(url.substr(scheme.size(), url.find('@') - scheme.size()));
  EXPECT_TRUE(user);
  const std::string text(base::as_text(user.value_or(base::byte_vector())));
  EXPECT_TRUE(text.starts_with("chacha20-ietf-poly1305:"));
  return text.substr(text.find(':') + 1);
}

class GatewayKeys : public testing::Test {
 protected:
  base::result<services::assigned_node> try_assign() {
    return world.nodes.assign(gateway, {.token = device.answer.token, .region = ""});
  }

  std::string assigned_secret() {
    const auto assigned = try_assign();
    EXPECT_TRUE(assigned);
    if (!assigned) {
      return {};
    }
    const auto opened =
        world.gateway_box.open(base::from_base64url(assigned->first.sealed_key).value()).value();
    const auto text = opened.reveal_text();
    const auto document = boost::json::parse(boost::json::string_view(text.data(), text.size()));
    return password_in(std::string(document.at("url").as_string()));
  }

  void pass(hours time) {
    world.clock.advance(time);
    device = world.enrol(user, gateway);
  }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 40});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
  models::node node = world.add_agent_node();
  test_support::enrolled device = world.enrol(user, gateway);
  key_agent agent{world, node};
};

TEST_F(GatewayKeys, EachGatewayHasItsOwnKeyOnANode) {
  world.join("other");
  agent.roll_out();
  ASSERT_EQ(agent.secrets().size(), 2U);
  EXPECT_NE(agent.secrets().begin()->second, agent.secrets().rbegin()->second);
}

TEST_F(GatewayKeys, GatewaysAreToldOfARotationOnceTheNodeRunsIt) {
  const auto told = [this] {
    return world.gateways.config(gateway, std::nullopt).value()->node_keys;
  };
  const auto first = world.gateways.revision().value();
  agent.roll_out();
  EXPECT_EQ(told(), services::change_news{}) << "a first key is nobody's news";
  EXPECT_EQ(world.gateways.revision().value(), first);
  ASSERT_TRUE(world.keys.rotate_node(world.admin(), node.id));
  ASSERT_TRUE(agent.fetch());
  agent.acknowledge(rollout_verdict::failed);
  EXPECT_EQ(told(), services::change_news{});
  agent.acknowledge();
  EXPECT_EQ(told(), (services::change_news{.version = 1, .changed = {node.id.text()}}));
  EXPECT_GT(world.gateways.revision().value(), first);
  agent.acknowledge();
  EXPECT_EQ(told().version, 1U);
}

TEST_F(GatewayKeys, AGatewayGetsAKeyOnlyAfterTheNodeRunsIt) {
  world.clock.advance(services::key_round);
  ASSERT_TRUE(world.keys.maintain());
  EXPECT_EQ(try_assign().error(), errc::no_node_available);
  ASSERT_TRUE(agent.fetch());
  EXPECT_EQ(try_assign().error(), errc::no_node_available);
  agent.acknowledge(rollout_verdict::failed);
  EXPECT_EQ(try_assign().error(), errc::no_node_available);
  agent.acknowledge();
  EXPECT_TRUE(agent.accepts(assigned_secret()));
}

TEST_F(GatewayKeys, AnAgentThatHoldsTheRevisionGetsNothing) {
  agent.roll_out();
  EXPECT_FALSE(agent.fetch());
  const auto revisions = world.keys.revisions();
  ASSERT_EQ(revisions->size(), 1U);
  EXPECT_EQ(revisions->front().revision, agent.revision());
}

TEST_F(GatewayKeys, RotatesEachWeekWithAnOverlapOfTwoDays) {
  agent.roll_out();
  const auto first = assigned_secret();
  pass(models::key_lifetime - hours(1));
  agent.roll_out();
  EXPECT_EQ(assigned_secret(), first);
  pass(hours(1));
  world.clock.advance(services::key_round);
  ASSERT_TRUE(world.keys.maintain());
  ASSERT_TRUE(agent.fetch());
  EXPECT_EQ(agent.secrets().size(), 2U);
  EXPECT_EQ(assigned_secret(), first);
  agent.acknowledge();
  const auto second = assigned_secret();
  EXPECT_NE(second, first);
  EXPECT_TRUE(agent.accepts(first));
  pass(models::key_overlap - hours(1));
  agent.roll_out();
  EXPECT_TRUE(agent.accepts(first));
  pass(hours(1));
  agent.roll_out();
  EXPECT_FALSE(agent.accepts(first));
  EXPECT_TRUE(agent.accepts(second));
  EXPECT_EQ(assigned_secret(), second);
}

TEST_F(GatewayKeys, ANodeThatDoesNotAnswerKeepsItsKeysAndGetsOneSuccessorOnly) {
  agent.roll_out();
  const auto first = assigned_secret();
  pass(models::key_lifetime + hours(1));
  for (int round = 0; round < 3; ++round) {
    world.clock.advance(services::key_round);
    ASSERT_TRUE(world.keys.maintain());
  }
  EXPECT_EQ(assigned_secret(), first);
  ASSERT_TRUE(agent.fetch());
  EXPECT_EQ(agent.secrets().size(), 2U);
}

TEST_F(GatewayKeys, EmergencyRotationTakesEveryKeyOffAtOnce) {
  agent.roll_out();
  const auto old = assigned_secret();
  const auto made = world.keys.rotate_node(world.admin(), node.id);
  ASSERT_TRUE(made);
  EXPECT_EQ(made->removed, 1U);
  EXPECT_EQ(made->issued, 1U);
  EXPECT_EQ(try_assign().error(), errc::no_node_available);
  ASSERT_TRUE(agent.fetch());
  EXPECT_FALSE(agent.accepts(old));
  agent.acknowledge();
  EXPECT_TRUE(agent.accepts(assigned_secret()));
}

TEST_F(GatewayKeys, EmergencyRotationOfAGatewayLeavesOthersAlone) {
  world.join("other");
  agent.roll_out();
  const auto mine = assigned_secret();
  const auto before = agent.secrets();
  ASSERT_TRUE(world.keys.rotate_gateway(world.admin(), gateway.id));
  ASSERT_TRUE(agent.fetch());
  EXPECT_FALSE(agent.accepts(mine));
  int kept = 0;
  for (const auto& [id, secret] : before) {
    kept += agent.accepts(secret) ? 1 : 0;
  }
  EXPECT_EQ(kept, 1);
  EXPECT_EQ(agent.secrets().size(), 2U);
}

TEST_F(GatewayKeys, ANodeOfOneKeyKeepsItAndIsNotRotated) {
  const auto fixed = world.add_node("fixed");
  key_agent holder(world, fixed);
  ASSERT_TRUE(holder.fetch());
  EXPECT_TRUE(holder.accepts(test_support::node_password));
  holder.roll_out();
  EXPECT_EQ(holder.revision(), 1U);
  EXPECT_EQ(world.keys.rotate_node(world.admin(), fixed.id).error(), errc::keys_not_managed);
  const auto unknown = models::node_id::make(world.clock.system_now(), world.random);
  EXPECT_EQ(world.keys.rotate_node(world.admin(), unknown).error(), errc::node_not_found);
}

TEST_F(GatewayKeys, AGatewayThatSpillsOrdersItsKey) {
  const auto there = world.nodes.add(
      world.admin(), {.name = "there", .region = "us", .host = "192.0.2.10", .port = 9000});
  ASSERT_TRUE(there);
  key_agent guest(world, there->report.node);
  const services::assignment_order order{.token = device.answer.token, .region = "us"};
  EXPECT_EQ(world.nodes.assign(gateway, order).error(), errc::no_node_available);
  guest.roll_out();
  ASSERT_EQ(guest.secrets().size(), 1U);
  const auto assigned = world.nodes.assign(gateway, order);
  ASSERT_TRUE(assigned);
  EXPECT_EQ(assigned->first.node.id, there->report.node.id);
  EXPECT_EQ(world.nodes.assign(gateway, order)->first.node.id, there->report.node.id);
  EXPECT_FALSE(guest.fetch());
}

TEST_F(GatewayKeys, AGuestKeyThatNobodyAsksForGoes) {
  const auto there = world.nodes.add(
      world.admin(), {.name = "there", .region = "us", .host = "192.0.2.10", .port = 9000});
  key_agent guest(world, there->report.node);
  const services::assignment_order order{.token = device.answer.token, .region = "us"};
  EXPECT_FALSE(world.nodes.assign(gateway, order));
  guest.roll_out();
  ASSERT_EQ(guest.secrets().size(), 1U);
  pass(models::key_lifetime + hours(1));
  guest.roll_out();
  pass(models::key_overlap + hours(1));
  guest.roll_out();
  EXPECT_TRUE(guest.secrets().empty());
}

TEST_F(GatewayKeys, SecretsAreEncryptedAndBoundToTheirRow) {
  world.join("other");
  agent.roll_out();
  ASSERT_TRUE(world.store->write([&](services::repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto keys, tables.gateway_keys.listed_by_node(node.id));
    for (const auto& key : keys) {
      EXPECT_TRUE(key.sealed_secret.starts_with("enc:v1:"));
      EXPECT_EQ(key.sealed_secret.find(agent.secrets().at(key.id.text())), std::string::npos);
    }
    std::swap(keys[0].sealed_secret, keys[1].sealed_secret);
    HTTVPS_CHECK(tables.gateway_keys.update(keys[0]));
    return tables.gateway_keys.update(keys[1]);
  }));
  const auto box = identity::box_key::generate(world.random).public_part().to_base64url();
  EXPECT_EQ(world.keys.wanted(node, {.held_revision = 0, .x25519_public = box}).error(),
            errc::secret_unreadable);
}

TEST_F(GatewayKeys, ListShowsWhatIsWantedAndWhatRuns) {
  agent.roll_out();
  ASSERT_TRUE(world.keys.rotate_node(world.admin(), node.id));
  const auto listed = world.nodes.list({.after = "", .size = 10});
  ASSERT_EQ(listed->items.size(), 1U);
  const auto& ring = listed->items.front().keyring;
  ASSERT_TRUE(ring);
  EXPECT_EQ(ring->revision, agent.revision() + 1);
  EXPECT_EQ(ring->running_revision, agent.revision());
  EXPECT_EQ(ring->rollout, models::rollout_state::waiting);
  ASSERT_TRUE(agent.fetch());
  agent.acknowledge(rollout_verdict::failed);
  const auto again = world.nodes.list({.after = "", .size = 10});
  EXPECT_EQ(again->items.front().keyring->reason, "server_did_not_load");
}

TEST_F(GatewayKeys, RemovedKeysAreForgottenAfterAMonth) {
  agent.roll_out();
  const auto id = models::access_key_id::trusted(agent.secrets().begin()->first);
  ASSERT_TRUE(world.keys.rotate_node(world.admin(), node.id));
  const auto find = [&] {
    return services::read_from(
        *world.store, [&](services::repositories& tables) { return tables.gateway_keys.find(id); });
  };
  ASSERT_TRUE(world.keys.forget_old());
  EXPECT_TRUE((*find())->sealed_secret.empty());
  world.clock.advance(hours(31 * 24));
  ASSERT_TRUE(world.keys.forget_old());
  EXPECT_FALSE(*find());
}

TEST_F(GatewayKeys, ANodeNeedsOneWayToGetItsKeys) {
  const auto add = [&](services::new_node wanted) {
    wanted.name = "n";
    wanted.region = "eu";
    return world.nodes.add(world.admin(), wanted);
  };
  EXPECT_EQ(add({}).error(), errc::node_address_invalid);
  EXPECT_EQ(add({.host = "192.0.2.1"}).error(), errc::node_address_invalid);
  EXPECT_EQ(add({.port = 1}).error(), errc::node_address_invalid);
  EXPECT_EQ(add({.access_key = base::secret_bytes::from_text(test_support::node_link),
                 .host = "192.0.2.1"})
                .error(),
            errc::node_address_invalid);
  const auto made = add({.host = "192.0.2.1", .port = 1, .method = "aes-256-gcm"});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->report.method, "aes-256-gcm");
}

}
}
