#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::life_world;

class TicketLife : public testing::Test {
 protected:
  models::enrolment_ticket only_ticket() const {
    return world.devices.tickets({.user = user.id}).value().items.at(0);
  }

  life_world world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 3});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
};

TEST_F(TicketLife, RevokedTicketEnrolsNobodyAndKeepsWhoIsIn) {
  const auto ticket = world.ticket_for(user, gateway, 3);
  const auto inside = world.try_enrol(ticket, gateway);
  ASSERT_TRUE(inside);
  const auto path = "enrolment-tickets/" + only_ticket().id.text();
  EXPECT_EQ(world.get(path).text("state"), "usable");
  const auto revoked = world.act(path + ":revoke");
  EXPECT_EQ(revoked.text("state"), "revoked") << revoked.body;
  EXPECT_EQ(world.act(path + ":revoke").header("ETag"), revoked.header("ETag"));
  EXPECT_EQ(world.try_enrol(ticket, gateway).error(), errc::ticket_revoked);
  EXPECT_TRUE(world.devices.renew(gateway, inside->answer.device.id));
  EXPECT_EQ(world.newest_line("enrolment_ticket.revoke").object, only_ticket().id.text());
  EXPECT_EQ(world.get("enrolment-tickets/tkt_0").code(), "ticket_not_found");
}

TEST_F(TicketLife, ListIsOfOneUserAndShowsNoLink) {
  world.ticket_for(user, gateway);
  const auto other = world.add_user("eve");
  world.subscribe(other, terms);
  world.ticket_for(other, gateway);
  const auto all = world.get("enrolment-tickets");
  EXPECT_NE(all.body.find(other.id.text()), std::string::npos);
  const auto own = world.get("enrolment-tickets?user_id=" + user.id.text());
  EXPECT_NE(own.body.find(user.id.text()), std::string::npos);
  EXPECT_EQ(own.body.find(other.id.text()), std::string::npos);
  EXPECT_EQ(own.body.find("link"), std::string::npos);
}

TEST_F(TicketLife, StateFollowsUseAndTime) {
  const auto ticket = world.ticket_for(user, gateway);
  const auto path = "enrolment-tickets/" + only_ticket().id.text();
  const auto tag = world.get(path).header("ETag");
  world.clock.advance(std::chrono::hours(73));
  EXPECT_EQ(world.get(path).text("state"), "expired");
  EXPECT_NE(world.get(path).header("ETag"), tag);
  EXPECT_EQ(world.send("POST", path + ":revoke", "", tag).status, 200);
}

TEST_F(TicketLife, DeviceIsReadRenamedAndListedByState) {
  const auto device = world.enrol(user, gateway).answer.device.id;
  const auto path = "devices/" + device.text();
  EXPECT_EQ(world.get(path).text("name"), "laptop");
  const auto renamed =
      world.send("PATCH", path, R"({"name":"desk"})", world.get(path).header("ETag"));
  EXPECT_EQ(renamed.text("name"), "desk") << renamed.body;
  EXPECT_EQ(world.newest_line("device.change").object, device.text());
  EXPECT_EQ(world.send("PATCH", path, R"({"name":null})").status, 422);
  EXPECT_NE(world.get("devices?state=active").body.find(device.text()), std::string::npos);
  EXPECT_EQ(world.get("devices?state=revoked").body.find(device.text()), std::string::npos);
  ASSERT_EQ(world.act(path + ":revoke").status, 200);
  EXPECT_NE(world.get("devices?state=revoked&user_id=" + user.id.text()).body.find(device.text()),
            std::string::npos);
}

}
}
