#include "httvps/backend/services/invitation_upkeep.hpp"

#include <gtest/gtest.h>

#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using std::chrono::days;
using std::chrono::seconds;
using test_support::life_world;

class InvitationUpkeep : public testing::Test {
 protected:
  InvitationUpkeep() { world.subscribe(user, world.add_plan()); }

  services::forgotten_invitations forget() {
    return services::forget_invitations(*world.store, world.clock.system_now()).value();
  }
  std::size_t tickets() const {
    const auto told = world.get("enrolment-tickets").body;
    std::size_t found = 0;
    for (auto at = told.find("\"tkt_"); at != std::string::npos; at = told.find("\"tkt_", at + 1)) {
      ++found;
    }
    return found;
  }
  models::join_token invite(const std::string& name) {
    const auto made = world.gateways.invite(world.chief, {.name = name, .region = "eu"});
    EXPECT_TRUE(made);
    return world.gateways.join_token(made->id).value();
  }

  life_world world;
  models::user user = world.add_user("ada");
  models::gateway gateway = world.join("gate").gateway;
};

TEST_F(InvitationUpkeep, TicketsGoNinetyDaysAfterTheirEnd) {
  world.enrol(user, gateway);
  world.clock.advance(days(1));
  world.ticket_for(user, gateway);
  ASSERT_EQ(tickets(), 2U);
  const auto first_end = [&] {
    const auto listed = services::read_from(*world.store, [&](services::repositories& tables) {
      return tables.tickets.list({.user = user.id, .wanted = {.after = "", .size = 9}});
    });
    return std::min(listed->items[0].expires_at, listed->items[1].expires_at);
  }();
  world.clock.advance(first_end + services::invitations_kept - world.clock.system_now());
  EXPECT_EQ(forget().tickets, 0U);
  world.clock.advance(seconds(1));
  EXPECT_EQ(forget().tickets, 1U);
  EXPECT_EQ(tickets(), 1U);
  world.clock.advance(days(1));
  EXPECT_EQ(forget().tickets, 1U);
  EXPECT_EQ(tickets(), 0U);
}

TEST_F(InvitationUpkeep, DeviceOfAForgottenTicketStays) {
  const auto device = world.enrol(user, gateway);
  world.clock.advance(days(120));
  ASSERT_EQ(forget().tickets, 1U);
  EXPECT_EQ(world.get("devices/" + device.answer.device.id.text()).status, 200);
}

TEST_F(InvitationUpkeep, TicketsOfEnrolmentCodesGoWithThem) {
  ASSERT_EQ(world
                .act("users/" + user.id.text() + "/enrolment-codes",
                     R"({"gateway_id":")" + gateway.id.text() + R"("})")
                .status,
            201);
  ASSERT_EQ(tickets(), 1U);
  world.clock.advance(days(120));
  EXPECT_EQ(forget().tickets, 1U);
}

TEST_F(InvitationUpkeep, JoinTokensGoNinetyDaysAfterTheirEnd) {
  const auto token = invite("north");
  world.clock.advance(token.expires_at + services::invitations_kept - world.clock.system_now());
  EXPECT_EQ(forget().join_tokens, 0U);
  EXPECT_EQ(world.get("join-tokens/" + token.id.text()).status, 200);
  world.clock.advance(seconds(1));
  EXPECT_EQ(forget().join_tokens, 1U);
  EXPECT_EQ(world.get("join-tokens/" + token.id.text()).code(), "join_token_not_found");
}

TEST_F(InvitationUpkeep, AtMostAThousandGoInOneSweep) {
  for (std::size_t i = 0; i < services::most_invitations_forgotten + 3; ++i) {
    invite("gate-" + std::to_string(i));
  }
  world.clock.advance(days(120));
  EXPECT_EQ(forget().join_tokens, services::most_invitations_forgotten);
  EXPECT_EQ(forget().join_tokens, 3U);
}

}
}
