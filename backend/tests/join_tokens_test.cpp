#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using models::join_token_state;
using services::errc;
using std::chrono::minutes;
using test_support::life_world;

class JoinTokens : public testing::Test {
 protected:
  services::invitation invite(const std::string& name, services::join_approval approval =
                                                           services::join_approval::automatic) {
    return world.gateways
        .invite(world.admin(),
                {.name = name, .region = "eu", .valid = minutes(10), .approval = approval})
        .value();
  }
  base::result<services::joined_gateway> join(const services::invitation& by,
                                              const std::string& name) {
    auto order = world.join_order_for(name);
    order.secret = base::secret_bytes::from_text(by.join_token.reveal_text());
    return world.gateways.join(order);
  }
  join_token_state state_of(const services::invitation& one) {
    return models::state_of(world.gateways.join_token(one.id).value(), world.clock.system_now());
  }

  life_world world;
};

TEST_F(JoinTokens, AreListedWithTheirStatesAndNeverTheirSecrets) {
  const auto usable = invite("usable");
  const auto used = invite("used");
  const auto joined = join(used, "used").value();
  const auto revoked = invite("revoked");
  ASSERT_TRUE(world.gateways.revoke_join_token(world.admin(), revoked.id));
  EXPECT_EQ(state_of(usable), join_token_state::usable);
  EXPECT_EQ(state_of(used), join_token_state::used);
  EXPECT_EQ(state_of(revoked), join_token_state::revoked);
  const auto listed = world.get("join-tokens");
  ASSERT_EQ(listed.status, 200) << listed.body;
  for (const auto* each : {&usable, &used, &revoked}) {
    EXPECT_NE(listed.body.find(each->id.text()), std::string::npos);
    EXPECT_EQ(listed.body.find(each->join_token.reveal_text()), std::string::npos);
    EXPECT_EQ(listed.body.find(services::hash_secret(each->join_token.reveal_text())),
              std::string::npos);
  }
  EXPECT_NE(listed.body.find(R"("used_by":")" + joined.gateway.id.text() + "\""),
            std::string::npos);
  world.clock.advance(minutes(11));
  EXPECT_EQ(state_of(usable), join_token_state::expired);
  EXPECT_EQ(state_of(used), join_token_state::used);
}

TEST_F(JoinTokens, ListHasPages) {
  for (int i = 0; i < 3; ++i) {
    invite("gate-" + std::to_string(i));
  }
  const auto first = world.get("join-tokens?page_size=2");
  EXPECT_FALSE(first.text("next_page_token").empty());
  const auto rest =
      world.get("join-tokens?page_size=2&page_token=" + first.text("next_page_token"));
  EXPECT_EQ(rest.status, 200) << rest.body;
  EXPECT_EQ(rest.text("next_page_token"), "");
  for (const auto* name : {"gate-0", "gate-1", "gate-2"}) {
    const bool is_first = first.body.find(name) != std::string::npos;
    const bool is_later = rest.body.find(name) != std::string::npos;
    EXPECT_NE(is_first, is_later) << name << " is on one page, and on one alone";
  }
}

TEST_F(JoinTokens, RevokedOneLetsNobodyInAnyMore) {
  const auto token = invite("north");
  ASSERT_EQ(world.send("DELETE", "join-tokens/" + token.id.text()).status, 204);
  EXPECT_EQ(world.send("DELETE", "join-tokens/" + token.id.text()).status, 204);
  EXPECT_EQ(join(token, "north").error(), errc::join_token_revoked);
  EXPECT_EQ(world.newest_line("join_token.revoke").object, token.id.text());
  EXPECT_EQ(world.newest_line("join_token.revoke").detail, "north");
}

TEST_F(JoinTokens, GatewayThatJoinedStaysButMayNotRepeatARevokedToken) {
  const auto token = invite("north");
  const auto joined = join(token, "north").value();
  ASSERT_TRUE(join(token, "north")) << "a lost answer costs nothing";
  ASSERT_TRUE(world.gateways.revoke_join_token(world.admin(), token.id));
  EXPECT_EQ(join(token, "north").error(), errc::join_token_revoked);
  EXPECT_EQ(world.gateways.find(joined.gateway.id).value().gateway.state,
            models::gateway_state::approved);
}

TEST_F(JoinTokens, TokenThatAsksForApprovalMakesAGatewayThatWaits) {
  const auto made =
      world.act("gateways", R"({"name":"north","region":"eu","needs_approval":true})");
  ASSERT_EQ(made.status, 201) << made.body;
  auto order = world.join_order_for("north");
  order.secret = base::secret_bytes::from_text(made.text("join_token"));
  const auto joined = world.gateways.join(order).value();
  EXPECT_EQ(joined.gateway.state, models::gateway_state::pending);
  ASSERT_TRUE(world.gateways.approve(world.admin(), joined.gateway.id));
  EXPECT_EQ(world.gateways.join(order).value().gateway.state, models::gateway_state::approved);
}

TEST_F(JoinTokens, AreReadWithATagAndRevokedByAdministratorsAlone) {
  const auto token = invite("north");
  const auto tail = "join-tokens/" + token.id.text();
  const auto read = world.get(tail);
  ASSERT_EQ(read.status, 200) << read.body;
  EXPECT_FALSE(read.header("ETag").empty());
  EXPECT_EQ(world.send("DELETE", tail, "", "\"other\"").status, 412);
  const auto refused = world.call({.method = "DELETE",
                                   .target = "/api/v1/admin/" + tail,
                                   .token = world.token_of(models::admin_role::support)});
  EXPECT_EQ(refused.code(), "role_denied");
  EXPECT_EQ(world.get("join-tokens/jtk_00000000000000000000000000").code(), "join_token_not_found");
  EXPECT_EQ(world.get("join-tokens/nobody").code(), "join_token_not_found");
}

TEST_F(JoinTokens, BeforeTheirSchemaTheyWorkAsBeforeAndAreNotListed) {
  ASSERT_TRUE(world.store->migrate_down(services::join_token_schema - 1));
  const auto token = invite("north");
  EXPECT_TRUE(join(token, "north"));
  EXPECT_TRUE(world.gateways.join_tokens({.after = "", .size = 10}).value().items.empty());
  EXPECT_EQ(world.gateways.revoke_join_token(world.admin(), token.id).error(),
            errc::schema_too_old);
}

}
}
