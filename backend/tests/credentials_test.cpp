#include <gtest/gtest.h>

#include "httvps/backend/services/credential_service.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;
using test_support::life_world;

class Credentials : public testing::Test {
 protected:
  base::result<services::calling_gateway> enter(const std::string& secret) {
    return world.access.gateway(secret, services::approval::not_required);
  }
  models::credential record_of(const std::string& secret) {
    return enter(secret).value().credential;
  }
  test_support::api_reply renew(const std::string& secret) {
    return world.call(
        {.method = "POST", .target = "/api/v1/gateway/credential:renew", .token = secret});
  }
  std::string renewed(const std::string& secret) {
    const auto answer = renew(secret);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.text("credential");
  }
  test_support::api_reply beat(const std::string& secret) {
    return world.call(
        {.method = "POST",
         .target = "/api/v1/gateway/heartbeat",
         .token = secret,
         .body = R"({"node_id":")" + gateway.id.text() +
                 R"(","region":"eu","uptime_sec":1,"active_sessions":0,"cpu_load":0,"mem_load":0,)"
                 R"("bytes_up":0,"bytes_down":0,"timestamp":"2026-11-21T22:58:05.084Z"})"});
  }
  bool is_told_to_renew(const std::string& secret) {
    const auto answer = beat(secret);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return answer.body.find(R"("renew_credential":true)") != std::string::npos;
  }
  std::string path() const { return "gateways/" + gateway.id.text(); }

  life_world world;
  services::joined_gateway joined = world.join("north");
  models::gateway gateway = joined.gateway;
  std::string first{joined.credential.reveal_text()};
};

TEST_F(Credentials, HaveAnEndAndAreDueWhenTwoThirdsAreOver) {
  EXPECT_EQ(record_of(first).expires_at, world.clock.system_now() + days(30));
  EXPECT_FALSE(is_told_to_renew(first));
  world.clock.advance(days(20));
  EXPECT_TRUE(is_told_to_renew(first));
}

TEST_F(Credentials, ExpireByNameAndTheNextCallIsRefused) {
  ASSERT_TRUE(enter(first));
  world.clock.advance(days(30) - seconds(1));
  ASSERT_TRUE(enter(first));
  world.clock.advance(seconds(1));
  EXPECT_EQ(enter(first).error(), errc::credential_expired);
  EXPECT_EQ(renew(first).code(), "credential_expired");
  EXPECT_EQ(renew(first).status, 401);
}

TEST_F(Credentials, RenewalGivesTheNextOneAndBothAreGoodForTheOverlap) {
  const auto second = renewed(first);
  ASSERT_NE(second, first);
  world.clock.advance(hours(9));
  EXPECT_TRUE(enter(first)) << "the overlap begins with the first use of the next one";
  ASSERT_TRUE(enter(second));
  EXPECT_TRUE(enter(first));
  world.clock.advance(hours(4) - seconds(1));
  EXPECT_TRUE(enter(first));
  world.clock.advance(seconds(1));
  EXPECT_EQ(enter(first).error(), errc::credential_expired);
  EXPECT_TRUE(enter(second));
}

TEST_F(Credentials, OverlapNeverLengthensALife) {
  world.clock.advance(days(30) - hours(1));
  const auto second = renewed(first);
  ASSERT_TRUE(enter(second));
  world.clock.advance(hours(1));
  EXPECT_EQ(enter(first).error(), errc::credential_expired);
}

TEST_F(Credentials, RenewalRepeatedAfterALostAnswerWorks) {
  const auto lost = renewed(first);
  const auto second = renewed(first);
  EXPECT_NE(second, lost);
  EXPECT_EQ(enter(lost).error(), errc::credential_invalid) << "one answer counts, the last";
  EXPECT_TRUE(enter(second));
  EXPECT_TRUE(enter(first));
}

TEST_F(Credentials, RenewalTwiceInARowKeepsTheLastTwoOnly) {
  const auto second = renewed(first);
  const auto third = renewed(second);
  ASSERT_TRUE(enter(third));
  EXPECT_TRUE(enter(second));
  EXPECT_EQ(enter(first).error(), errc::credential_invalid);
}

TEST_F(Credentials, JoiningAnewEndsEverythingBeforeAtItsFirstUse) {
  const auto second = renewed(first);
  ASSERT_TRUE(enter(second));
  const std::string fresh(world.join("north").credential.reveal_text());
  EXPECT_TRUE(enter(second));
  ASSERT_TRUE(enter(fresh));
  EXPECT_EQ(enter(second).error(), errc::credential_invalid);
  EXPECT_EQ(enter(first).error(), errc::credential_invalid);
}

TEST_F(Credentials, RenewalIsAuditedByTheGatewayAndNeverShowsASecret) {
  const auto second = renewed(first);
  const auto line = world.newest_line("credential.renew");
  EXPECT_EQ(line.object, gateway.id.text());
  EXPECT_EQ(line.actor, gateway.id.text());
  for (const auto& secret : {first, second}) {
    EXPECT_EQ(line.after.find(secret), std::string::npos);
    EXPECT_EQ(line.after.find(services::hash_secret(secret)), std::string::npos);
  }
}

TEST_F(Credentials, AdministratorAsksForARenewalOnce) {
  const auto asked = world.act(path() + ":renew-credential");
  ASSERT_EQ(asked.status, 200) << asked.body;
  EXPECT_EQ(asked.text("state"), "due");
  EXPECT_EQ(world.newest_line("credential.ask_renewal").object, gateway.id.text());
  EXPECT_TRUE(is_told_to_renew(first));
  const auto second = renewed(first);
  EXPECT_FALSE(is_told_to_renew(second)) << "the next one is not asked for again";
}

TEST_F(Credentials, RevokedOnesEndAtOnceByNameAndTheGatewayMayJoinAnew) {
  const auto second = renewed(first);
  ASSERT_TRUE(enter(second));
  const auto revoked = world.act(path() + ":revoke-credentials");
  ASSERT_EQ(revoked.status, 200) << revoked.body;
  EXPECT_EQ(revoked.text("state"), "revoked");
  EXPECT_EQ(enter(second).error(), errc::credential_revoked);
  EXPECT_EQ(enter(first).error(), errc::credential_revoked);
  EXPECT_EQ(renew(second).code(), "credential_revoked");
  EXPECT_EQ(world.act(path() + ":renew-credential").code(), "credential_ended");
  EXPECT_EQ(world.newest_line("credential.revoke").object, gateway.id.text());
  const std::string fresh(world.join("north").credential.reveal_text());
  EXPECT_TRUE(enter(fresh));
  EXPECT_EQ(world.act(path() + ":renew-credential").status, 200);
}

TEST_F(Credentials, AreTheAdministratorsAlone) {
  for (const auto* verb : {":renew-credential", ":revoke-credentials"}) {
    const auto refused = world.call({.method = "POST",
                                     .target = "/api/v1/admin/" + path() + verb,
                                     .token = world.token_of(models::admin_role::support)});
    EXPECT_EQ(refused.code(), "role_denied") << verb;
  }
  EXPECT_EQ(world.act("gateways/nobody:renew-credential").code(), "gateway_not_found");
  EXPECT_EQ(world.act("nodes/nobody:revoke-credentials").code(), "node_not_found");
}

TEST_F(Credentials, ListShowsTheOneInUseOfEachOwnerAndNoSecret) {
  ASSERT_TRUE(enter(first));
  world.clock.advance(seconds(1));
  const auto waiting = renewed(first);
  const auto node = world.add_agent_node();
  const auto all = world.get("credentials");
  ASSERT_EQ(all.status, 200) << all.body;
  EXPECT_NE(all.body.find(gateway.id.text()), std::string::npos);
  EXPECT_NE(all.body.find(node.id.text()), std::string::npos);
  for (const auto& secret : {first, waiting}) {
    EXPECT_EQ(all.body.find(secret), std::string::npos);
    EXPECT_EQ(all.body.find(services::hash_secret(secret)), std::string::npos);
  }
  const auto page = world.credentials.list({.after = "", .size = 1}).value();
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_TRUE(page.more);
  EXPECT_EQ(page.items[0].hash, services::hash_secret(first)) << "the next one is not used yet";
  ASSERT_TRUE(enter(waiting));
  EXPECT_EQ(world.credentials.list({.after = "", .size = 1}).value().items.at(0).hash,
            services::hash_secret(waiting));
  const auto rest = world.get("credentials?page_size=1");
  EXPECT_FALSE(rest.text("next_page_token").empty());
}

TEST_F(Credentials, SurveyTellsAgeAndNearestEndByKind) {
  world.clock.advance(days(3));
  world.add_agent_node();
  world.clock.advance(days(1));
  const auto found = world.credentials.survey().value();
  EXPECT_EQ(found.gateways.oldest, days(4));
  EXPECT_EQ(found.gateways.nearest_end, seconds(days(26)));
  EXPECT_EQ(found.nodes.nearest_end, seconds(days(29)));
  ASSERT_EQ(world.act(path() + ":revoke-credentials").status, 200);
  const auto later = world.credentials.survey().value();
  EXPECT_EQ(later.gateways.oldest, seconds(0));
  EXPECT_EQ(later.gateways.nearest_end, std::nullopt);
  EXPECT_EQ(later.nodes.oldest, days(1));
}

TEST_F(Credentials, SurveyCountsOfEachOwnerTheOneInUse) {
  ASSERT_TRUE(enter(first));
  world.clock.advance(days(21));
  world.join("south");
  const auto waiting = renewed(first);
  EXPECT_EQ(world.credentials.survey().value().gateways.oldest, days(21));
  ASSERT_TRUE(enter(waiting));
  world.clock.advance(days(2));
  const auto found = world.credentials.survey().value();
  EXPECT_EQ(found.gateways.oldest, days(2)) << "the one before still stands, but is not in use";
  EXPECT_EQ(found.gateways.nearest_end, seconds(days(28)));
}

TEST_F(Credentials, BeforeTheirSchemaTheyHaveNoEndAndCannotBeRenewed) {
  ASSERT_TRUE(world.store->migrate_down(services::credential_term_schema - 1));
  EXPECT_TRUE(enter(first));
  const std::string later(world.join("later").credential.reveal_text());
  world.clock.advance(days(60));
  EXPECT_TRUE(enter(later));
  EXPECT_FALSE(is_told_to_renew(first));
  EXPECT_EQ(renew(first).code(), "schema_too_old");
  EXPECT_TRUE(world.credentials.list({.after = "", .size = 10}).value().items.empty());
  EXPECT_EQ(world.credentials.survey().value().gateways.oldest, seconds(0));
  ASSERT_TRUE(world.store->migrate_up());
  EXPECT_TRUE(is_told_to_renew(first)) << "one without an end is renewed at once";
}

class NodeCredentials : public Credentials {
 protected:
  test_support::api_reply renew_node(const std::string& secret) {
    return world.call(
        {.method = "POST", .target = "/api/v1/outline/credential:renew", .token = secret});
  }
  std::string path() const { return "nodes/" + made.report.node.id.text(); }

  services::created_node made =
      world.nodes.add(world.admin(), {.name = "n", .region = "eu", .host = "192.0.2.9", .port = 9})
          .value();
  std::string given{made.credential.reveal_text()};
};

TEST_F(NodeCredentials, AreRenewedRevokedAndIssuedAnew) {
  ASSERT_TRUE(world.access.node(given));
  const auto second = renew_node(given).text("credential");
  ASSERT_TRUE(world.access.node(second));
  EXPECT_TRUE(world.access.node(given));
  EXPECT_EQ(renew(second).code(), "credential_invalid") << "a node is no gateway";
  ASSERT_EQ(world.act(path() + ":renew-credential").status, 200);
  ASSERT_EQ(world.act(path() + ":revoke-credentials").status, 200);
  EXPECT_EQ(world.access.node(second).error(), errc::credential_revoked);
  EXPECT_EQ(renew_node(second).code(), "credential_revoked");
  const auto issued = world.act(path() + ":issue-credential");
  ASSERT_EQ(issued.status, 200) << issued.body;
  EXPECT_TRUE(world.access.node(issued.text("credential")));
  EXPECT_EQ(world.access.node(second).error(), errc::credential_invalid);
  EXPECT_EQ(world.newest_line("credential.issue").object, made.report.node.id.text());
}

TEST_F(NodeCredentials, IssuedOneLeavesThatBeforeUntilItIsUsed) {
  ASSERT_TRUE(world.access.node(given));
  const auto issued = world.act(path() + ":issue-credential").text("credential");
  EXPECT_TRUE(world.access.node(given));
  ASSERT_TRUE(world.access.node(issued));
  EXPECT_EQ(world.access.node(given).error(), errc::credential_invalid);
}

}
}
