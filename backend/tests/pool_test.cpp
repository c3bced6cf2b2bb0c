#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/base/encoding.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using services::join_approval;
using test_support::deployment;

class NodePool : public testing::Test {
 protected:
  services::assigned_node assign(const test_support::enrolled& who) {
    auto assigned = world.nodes.assign(gateway, {.token = who.answer.token, .region = ""});
    EXPECT_TRUE(assigned);
    return *std::move(assigned);
  }
  void beat(const models::node& node) {
    const auto now = world.clock.system_now();
    ASSERT_TRUE(world.nodes.heartbeat(node, {.received_at = now, .region = "eu", .sent_at = now}));
  }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 20});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
};

TEST_F(NodePool, SealsTheKeyToTheGatewayThatAsks) {
  const auto node = world.add_node();
  const auto assigned = assign(world.enrol(user, gateway));
  EXPECT_EQ(assigned.first.node.id, node.id);
  EXPECT_EQ(assigned.first.method, "aes-256-gcm");
  const auto sealed = base::from_base64url(assigned.first.sealed_key);
  ASSERT_TRUE(sealed);
  const auto opened = world.gateway_box.open(*sealed);
  ASSERT_TRUE(opened);
  const auto text = opened->reveal_text();
  const auto document = boost::json::parse(boost::json::string_view(text.data(), text.size()));
  EXPECT_EQ(document.at("url").as_string(), std::string(test_support::node_link).c_str());
}

TEST_F(NodePool, KeepsADeviceOnItsNodeWhileTheLeaseRuns) {
  world.add_node("one");
  world.add_node("two");
  const auto who = world.enrol(user, gateway);
  const auto first = assign(who);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(assign(who).first.node.id, first.first.node.id);
  }
}

TEST_F(NodePool, ChoosesAgainWhenTheLeaseHasEnded) {
  world.add_node("one");
  world.add_node("two");
  const auto who = world.enrol(user, gateway);
  const auto first = assign(who);
  world.clock.advance(selection::typical_lease * 6 / 5 + std::chrono::seconds(1));
  EXPECT_NE(assign(who).first.node.id, first.first.node.id);
}

TEST_F(NodePool, SharesDevicesByWeight) {
  world.add_node("heavy", 3);
  world.add_node("light", 1);
  std::map<std::string, int> shares;
  for (int i = 0; i < 8; ++i) {
    ++shares[assign(world.enrol(user, gateway)).first.node.name];
  }
  EXPECT_EQ(shares["heavy"], 6);
  EXPECT_EQ(shares["light"], 2);
}

TEST_F(NodePool, LeavesASilentNodeEvenInsideTheLease) {
  const auto one = world.add_node("one");
  const auto who = world.enrol(user, gateway);
  EXPECT_EQ(assign(who).first.node.id, one.id);
  beat(one);
  const auto two = world.add_node("two");
  world.clock.advance(std::chrono::seconds(31));
  EXPECT_EQ(assign(who).first.node.id, two.id);
}

TEST_F(NodePool, RefusesWhenNoNodeIsAlive) {
  const auto who = world.enrol(user, gateway);
  const auto none = world.nodes.assign(gateway, {.token = who.answer.token, .region = ""});
  EXPECT_EQ(none.error(), errc::no_node_available);
  const auto node = world.add_node();
  beat(node);
  world.clock.advance(std::chrono::seconds(31));
  const auto silent = world.nodes.assign(gateway, {.token = who.answer.token, .region = ""});
  EXPECT_EQ(silent.error(), errc::no_node_available);
  const auto elsewhere = world.nodes.assign(gateway, {.token = who.answer.token, .region = "us"});
  EXPECT_EQ(elsewhere.error(), errc::region_not_found);
}

TEST_F(NodePool, GivesNoNodeToARevokedDevice) {
  world.add_node();
  const auto who = world.enrol(user, gateway);
  ASSERT_TRUE(world.devices.revoke(world.admin(), who.answer.device.id));
  const auto refused = world.nodes.assign(gateway, {.token = who.answer.token, .region = ""});
  EXPECT_EQ(refused.error(), errc::device_revoked);
}

TEST_F(NodePool, RefusesWhatIsNoShadowsocksLink) {
  const auto refused = world.nodes.add(
      world.admin(),
      {.name = "bad", .region = "eu", .access_key = base::secret_bytes::from_text("http://x")});
  EXPECT_EQ(refused.error(), errc::access_key_invalid);
}

TEST_F(NodePool, NodeCredentialAuthenticatesItsNodeOnly) {
  const auto made = world.nodes.add(
      world.admin(), {.name = "n",
                      .region = "eu",
                      .access_key = base::secret_bytes::from_text(test_support::node_link)});
  ASSERT_TRUE(made);
  const auto node = world.access.node(made->credential.reveal_text());
  ASSERT_TRUE(node);
  EXPECT_EQ(node->node.id, made->report.node.id);
  EXPECT_EQ(
      world.access.gateway(made->credential.reveal_text(), services::approval::required).error(),
      errc::credential_invalid);
}

TEST(GatewayJoin, WaitsForApprovalAndThenGetsAConfig) {
  deployment world(join_approval::by_admin);
  const auto joined = world.join();
  EXPECT_EQ(joined.gateway.state, models::gateway_state::pending);
  const auto credential = joined.credential.reveal_text();
  EXPECT_EQ(world.access.gateway(credential, services::approval::required).error(),
            errc::gateway_pending);
  ASSERT_TRUE(world.gateways.approve(world.admin(), joined.gateway.id));
  const auto gateway = world.access.gateway(credential, services::approval::required);
  ASSERT_TRUE(gateway);
  const auto config = world.gateways.config(gateway->gateway, std::nullopt);
  ASSERT_TRUE(config && config->has_value());
  EXPECT_TRUE((*config)->config.starts_with("v4.public."));
}

TEST(GatewayJoin, RepeatsWithTheSameKeyAndANewCredential) {
  deployment world;
  const auto first = world.join();
  const auto again = world.join();
  EXPECT_EQ(first.gateway.id, again.gateway.id);
  EXPECT_EQ(first.gateway.path, again.gateway.path);
  const auto older = first.credential.reveal_text();
  const auto newer = again.credential.reveal_text();
  EXPECT_NE(older, newer);
  EXPECT_TRUE(world.access.gateway(newer, services::approval::required));
  EXPECT_EQ(world.access.gateway(older, services::approval::required).error(),
            errc::credential_invalid);
}

TEST(GatewayJoin, CredentialThatWasNeverUsedEndsWithTheNextJoin) {
  deployment world;
  const auto lost = world.join();
  world.join();
  EXPECT_EQ(
      world.access.gateway(lost.credential.reveal_text(), services::approval::required).error(),
      errc::credential_invalid);
}

TEST(GatewayJoin, UsedCredentialLivesUntilTheNewOneIsUsed) {
  deployment world;
  const auto first = world.join();
  const auto older = first.credential.reveal_text();
  ASSERT_TRUE(world.access.gateway(older, services::approval::required));
  const auto again = world.join();
  EXPECT_TRUE(world.access.gateway(older, services::approval::required));
  ASSERT_TRUE(world.access.gateway(again.credential.reveal_text(), services::approval::required));
  EXPECT_EQ(world.access.gateway(older, services::approval::required).error(),
            errc::credential_invalid);
}

TEST(GatewayJoin, RefusesAWrongSecretAndATakenName) {
  deployment world;
  world.join();
  auto order = world.join_order_for("gate");
  order.x25519_public = identity::box_key::generate(world.random).public_part().to_base64url();
  EXPECT_EQ(world.gateways.join(order).error(), errc::gateway_name_taken);
  order.secret = base::secret_bytes::from_text("guess");
  EXPECT_EQ(world.gateways.join(order).error(), errc::join_refused);
}

TEST(GatewayJoin, MovingAnApprovedGatewayNeedsApprovalAgain) {
  deployment world(join_approval::by_admin);
  const auto joined = world.join();
  ASSERT_TRUE(world.gateways.approve(world.admin(), joined.gateway.id));
  EXPECT_EQ(world.join().gateway.state, models::gateway_state::approved);
  auto moved = world.join_order_for("gate");
  moved.addresses = {"192.0.2.99:443"};
  const auto again = world.gateways.join(moved);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->gateway.state, models::gateway_state::pending);
}

TEST(GatewayJoin, InvitationApprovesOneGatewayOnce) {
  deployment world(join_approval::by_admin);
  const auto invited = world.gateways.invite(world.admin(), {.name = "gate", .region = "eu"});
  ASSERT_TRUE(invited);
  auto order = world.join_order_for("gate");
  order.secret = invited->join_token;
  const auto joined = world.gateways.join(order);
  ASSERT_TRUE(joined);
  EXPECT_EQ(joined->gateway.state, models::gateway_state::approved);
  EXPECT_TRUE(world.gateways.join(order));
  order.name = "thief";
  EXPECT_EQ(world.gateways.join(order).error(), errc::join_refused);
  order.name = "gate";
  order.region = "us";
  EXPECT_EQ(world.gateways.join(order).error(), errc::join_refused);
  order.region = "eu";
  world.clock.advance(std::chrono::hours(2));
  EXPECT_EQ(world.gateways.join(order).error(), errc::join_token_expired);
}

TEST(GatewayJoin, BoundsTheNumberOfPendingGateways) {
  deployment world;
  const services::gateway_service strict(
      world.tools, {.secret_hash = services::hash_secret(test_support::join_secret),
                    .approval = join_approval::by_admin,
                    .most_pending = 1});
  ASSERT_TRUE(strict.join(world.join_order_for("a")));
  EXPECT_TRUE(strict.join(world.join_order_for("a")));
  EXPECT_EQ(strict.join(world.join_order_for("b")).error(), errc::too_many_pending);
}

TEST(GatewayJoin, EmptySecretHashTurnsTheSharedSecretOff) {
  deployment world;
  const services::gateway_service closed(world.tools,
                                         {.secret_hash = "", .approval = join_approval::automatic});
  auto order = world.join_order_for("a");
  order.secret = base::secret_bytes::from_text("");
  EXPECT_EQ(closed.join(order).error(), errc::join_refused);
}

TEST(Accounts, UserHasOneLiveSubscription) {
  deployment world;
  const auto user = world.add_user();
  const auto terms = world.add_plan({.duration_days = 1});
  world.subscribe(user, terms);
  const services::new_subscription wanted{
      .user = user.id, .plan = terms.id, .starts_at = {}, .expires_at = {}};
  EXPECT_EQ(world.accounts.add_subscription(world.admin(), wanted).error(),
            errc::subscription_exists);
  world.clock.advance(std::chrono::hours(25));
  EXPECT_TRUE(world.accounts.add_subscription(world.admin(), wanted));
}

TEST(Accounts, NamesAreUniqueAndDatesMakeSense) {
  deployment world;
  const auto user = world.add_user("ada");
  EXPECT_EQ(
      world.accounts.add_user(world.admin(), {.name = "ada", .email = {}, .note = ""}).error(),
      errc::already_exists);
  const auto terms = world.add_plan();
  const auto now = world.clock.system_now();
  EXPECT_EQ(world.accounts
                .add_subscription(
                    world.admin(),
                    {.user = user.id, .plan = terms.id, .starts_at = now, .expires_at = now})
                .error(),
            errc::invalid_dates);
}

TEST(Accounts, PagesThroughAllUsers) {
  deployment world;
  for (const auto* name : {"a", "b", "c"}) {
    world.clock.advance(std::chrono::milliseconds(1));
    world.add_user(name);
  }
  const auto first = world.accounts.users({.wanted = {.after = "", .size = 2}});
  ASSERT_EQ(first->items.size(), 2U);
  EXPECT_TRUE(first->more);
  const auto rest =
      world.accounts.users({.wanted = {.after = first->items.back().id.text(), .size = 2}});
  ASSERT_EQ(rest->items.size(), 1U);
  EXPECT_FALSE(rest->more);
  EXPECT_EQ(rest->items.front().name, "c");
}

}
}
