#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::api_reply;
using test_support::life_world;
using namespace std::chrono_literals;

class EnrolmentCodes : public testing::Test {
 protected:
  EnrolmentCodes() {
    const auto plan = world.add_plan({.device_limit = 3});
    world.subscribe(user, plan);
  }

  api_reply issue() const {
    return world.act("users/" + user.id.text() + "/enrolment-codes",
                     R"({"gateway_id":")" + gateway.id.text() + R"("})");
  }
  std::string code() const { return issue().text("code"); }
  std::string key_text(std::uint64_t number) const {
    base::seeded_random random(number);
    return identity::signing_key::generate(random).public_part().to_base64url();
  }
  api_reply redeem(const std::string& typed, std::uint64_t key = 1,
                   const std::string& peer = "192.0.2.9") const {
    const boost::json::object body{{"code", typed}, {"device_key", key_text(key)}};
    return world.call({.method = "POST",
                       .target = "/api/v1/enrolment-codes:redeem",
                       .body = boost::json::serialize(body),
                       .peer = peer});
  }
  std::string ticket_in(const api_reply& answer) const {
    return identity::parse_enrolment_link(answer.text("link")).value().ticket;
  }

  life_world world;
  models::user user = world.add_user();
  models::gateway gateway = world.join().gateway;
};

TEST_F(EnrolmentCodes, CodeBecomesALinkThatEnrolsOneDevice) {
  const auto issued = issue();
  ASSERT_EQ(issued.status, 201) << issued.body;
  const auto link = redeem(issued.text("code"));
  ASSERT_EQ(link.status, 200) << link.body;
  EXPECT_TRUE(world.try_enrol(ticket_in(link), gateway));
  EXPECT_EQ(world.try_enrol(ticket_in(link), gateway).error(), errc::ticket_spent);
  const auto path = "enrolment-tickets/" + issued.text("ticket_id");
  EXPECT_EQ(world.get(path).text("state"), "spent");
  EXPECT_EQ(world.newest_line("enrolment_code.create").object, issued.text("ticket_id"));
  EXPECT_EQ(world.newest_line("enrolment_code.redeem").object, issued.text("ticket_id"));
}

TEST_F(EnrolmentCodes, LostAnswerCostsNothingAndAnotherDeviceGetsNothing) {
  const auto typed = code();
  EXPECT_EQ(redeem(typed, 1).status, 200);
  EXPECT_EQ(redeem(typed, 1).status, 200);
  const auto refused = redeem(typed, 2);
  EXPECT_EQ(refused.status, 410);
  EXPECT_EQ(refused.code(), "enrolment_code_spent");
  const auto lines = world.audit.newest({.action = "enrolment_code.redeem", .size = 10});
  EXPECT_EQ(lines.value().items.size(), 1U);
}

TEST_F(EnrolmentCodes, CodeIsForgivenSlipsAndWrongOnesAreUnknown) {
  auto typed = code();
  std::ranges::transform(typed, typed.begin(),
                         [](unsigned char each) { return std::tolower(each); });
  EXPECT_EQ(redeem(typed).status, 200);
  const auto refused = redeem("00000-00000");
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.code(), "enrolment_code_unknown");
}

TEST_F(EnrolmentCodes, CodeLivesFifteenMinutesAndIsForgottenAfterADay) {
  const auto early = code();
  world.clock.advance(15min - 1s);
  EXPECT_EQ(redeem(early).status, 200);
  const auto late = code();
  world.clock.advance(15min);
  EXPECT_EQ(redeem(late).code(), "enrolment_code_expired");
  world.clock.advance(24h + 1s);
  EXPECT_EQ(redeem(late).code(), "enrolment_code_expired");
  issue();
  EXPECT_EQ(redeem(late).code(), "enrolment_code_unknown");
}

TEST_F(EnrolmentCodes, CodeOfTheLastSecondStillLeavesTimeToEnrol) {
  const auto typed = code();
  world.clock.advance(15min - 1s);
  const auto link = redeem(typed);
  world.clock.advance(15min);
  EXPECT_TRUE(world.try_enrol(ticket_in(link), gateway));
}

TEST_F(EnrolmentCodes, RevokedTicketGivesNoLink) {
  const auto issued = issue();
  ASSERT_EQ(world.act("enrolment-tickets/" + issued.text("ticket_id") + ":revoke").status, 200);
  EXPECT_EQ(redeem(issued.text("code")).code(), "ticket_revoked");
}

TEST_F(EnrolmentCodes, CodeIsKeptHashedAndInNoAuditLine) {
  const auto typed = code();
  const auto canonical = models::canonical_enrolment_code(typed).value();
  const auto found = world.store->read([&](services::repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto plain, tables.enrolment_codes.find(canonical));
    HTTVPS_TRY(const auto shown, tables.enrolment_codes.find(typed));
    HTTVPS_TRY(const auto hashed,
               tables.enrolment_codes.find(services::hash_secret("enrolment-code:" + canonical)));
    EXPECT_FALSE(plain || shown);
    EXPECT_TRUE(hashed);
    return {};
  });
  ASSERT_TRUE(found);
  redeem(typed);
  const auto lines = world.get("audit").body;
  EXPECT_NE(lines.find("enrolment_code.redeem"), std::string::npos);
  EXPECT_EQ(lines.find(typed), std::string::npos);
  EXPECT_EQ(lines.find(canonical), std::string::npos);
}

TEST_F(EnrolmentCodes, GuessingIsThrottledByAddressAndRightCodesCostNothing) {
  for (int count = 0; count < 20; ++count) {
    EXPECT_EQ(redeem(code()).status, 200);
  }
  for (int count = 0; count < 10; ++count) {
    EXPECT_EQ(redeem("00000-00000").status, 404);
  }
  const auto typed = code();
  const auto refused = redeem(typed);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.code(), "rate_limited");
  EXPECT_EQ(refused.header("Retry-After"), "90");
  EXPECT_EQ(redeem(typed, 1, "192.0.2.10").status, 200);
  EXPECT_NE(
      world.metrics.expose().find("httvps_backend_enrolment_codes_total{result=\"throttled\"} 1"),
      std::string::npos);
}

TEST_F(EnrolmentCodes, GuessingFromManyAddressesIsThrottledToo) {
  for (int count = 0; count < 60; ++count) {
    EXPECT_EQ(redeem("00000-00000", 1, "198.51.100." + std::to_string(count)).status, 404);
  }
  EXPECT_EQ(redeem("00000-00000", 1, "203.0.113.1").status, 429);
  world.clock.advance(1s);
  EXPECT_EQ(redeem("00000-00000", 1, "203.0.113.2").status, 404);
}

TEST_F(EnrolmentCodes, BadFieldsAreNamed) {
  for (const auto* typed : {"ABCDE-FGHJ", "ABCDE-FGHJU", "ABCDE-FGHJKM", ""}) {
    const auto refused = redeem(typed);
    EXPECT_EQ(refused.status, 422) << typed;
    EXPECT_NE(refused.body.find("\"/code\""), std::string::npos) << refused.body;
  }
  const auto refused = world.call({.method = "POST",
                                   .target = "/api/v1/enrolment-codes:redeem",
                                   .body = R"({"code":"ABCDE-FGHJK","device_key":"short"})"});
  EXPECT_NE(refused.body.find("\"/device_key\""), std::string::npos) << refused.body;
}

TEST_F(EnrolmentCodes, UserAndGatewayMustBeServed) {
  const auto path = "users/" + user.id.text() + "/enrolment-codes";
  EXPECT_EQ(world.act(path, R"({"gateway_id":"gw_01jd3x5v7n9q2r4s6t8w0y1z3a"})").code(),
            "gateway_not_found");
  const auto alone = world.add_user("eve");
  EXPECT_EQ(world
                .act("users/" + alone.id.text() + "/enrolment-codes",
                     R"({"gateway_id":")" + gateway.id.text() + R"("})")
                .code(),
            "subscription_not_found");
}

TEST_F(EnrolmentCodes, LiveCodesAreBounded) {
  const services::code_order order{.user = user.id, .gateway = gateway.id};
  for (std::uint64_t count = 0; count < models::most_live_enrolment_codes; ++count) {
    ASSERT_TRUE(world.devices.issue_code(world.chief, order));
  }
  EXPECT_EQ(world.devices.issue_code(world.chief, order).error(), errc::too_many_enrolment_codes);
  world.clock.advance(15min);
  EXPECT_TRUE(world.devices.issue_code(world.chief, order));
}

}
}
