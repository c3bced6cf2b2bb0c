#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::deployment;

class Enrolment : public testing::Test {
 protected:
  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 2, .session_limit = 3});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
};

TEST_F(Enrolment, LinkHoldsSignedPartsThatVerifyWithItsRoot) {
  const auto issued =
      world.devices.issue_link(world.admin(), {.user = user.id, .gateway = gateway.id, .uses = 1});
  ASSERT_TRUE(issued);
  const auto link = identity::parse_enrolment_link(issued->link.reveal_text());
  ASSERT_TRUE(link);
  EXPECT_EQ(link->shown_address, "gate.example:443");
  const auto verified = identity::verify_enrolment_link(*link, world.clock.system_now());
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->ticket.gateway_id, gateway.id.text());
  EXPECT_EQ(verified->config.gateways.front().path, gateway.path);
  EXPECT_EQ(verified->ticket.expires, issued->expires_at);
}

TEST_F(Enrolment, DeviceGetsATokenBoundToItsKeyAndPlan) {
  const auto made = world.enrol(user, gateway);
  const auto proven =
      world.authority.verify_token(made.answer.token, identity::expiry_grace::none());
  ASSERT_TRUE(proven);
  EXPECT_EQ(proven->claims.device_id, made.answer.device.id.text());
  EXPECT_EQ(proven->claims.device_key, made.key.public_part());
  EXPECT_EQ(proven->claims.plan.session_limit, 3U);
  EXPECT_EQ(proven->claims.expires - proven->claims.issued, std::chrono::hours(1));
  EXPECT_TRUE(proven->claims.allows_gateway(gateway.id.text()));
}

TEST_F(Enrolment, RepeatingItWithTheSameKeyGivesTheSameDeviceAndSpendsNothing) {
  const auto ticket = world.ticket_for(user, gateway);
  const auto key = identity::signing_key::generate(world.random).public_part().to_base64url();
  const services::enrolment wanted{
      .ticket = ticket, .device_key = key, .name = "a", .platform = "linux"};
  const auto first = world.devices.enrol(gateway, wanted);
  const auto again = world.devices.enrol(gateway, wanted);
  ASSERT_TRUE(first);
  ASSERT_TRUE(again);
  EXPECT_EQ(first->device.id, again->device.id);
  EXPECT_EQ(world.try_enrol(ticket, gateway).error(), errc::ticket_spent);
}

TEST_F(Enrolment, SameKeyWithAnotherTicketIsRefused) {
  const auto key = identity::signing_key::generate(world.random).public_part().to_base64url();
  services::enrolment wanted{.ticket = world.ticket_for(user, gateway),
                             .device_key = key,
                             .name = "a",
                             .platform = "linux"};
  ASSERT_TRUE(world.devices.enrol(gateway, wanted));
  wanted.ticket = world.ticket_for(user, gateway);
  EXPECT_EQ(world.devices.enrol(gateway, wanted).error(), errc::device_known_elsewhere);
}

TEST_F(Enrolment, TicketWorksAtItsGatewayOnly) {
  const auto other = world.join("other").gateway;
  const auto ticket = world.ticket_for(user, gateway);
  EXPECT_EQ(world.try_enrol(ticket, other).error(), errc::ticket_wrong_gateway);
}

TEST_F(Enrolment, TicketExpires) {
  const auto ticket = world.ticket_for(user, gateway);
  world.clock.advance(std::chrono::hours(73));
  EXPECT_EQ(world.try_enrol(ticket, gateway).error(), errc::ticket_expired);
}

TEST_F(Enrolment, ForgedTicketIsRefused) {
  auto ticket = world.ticket_for(user, gateway);
  ticket[40] = ticket[40] == 'A' ? 'B' : 'A';
  EXPECT_EQ(world.try_enrol(ticket, gateway).error(), errc::ticket_invalid);
}

TEST_F(Enrolment, DeviceLimitHoldsAndARefusalSpendsNoUse) {
  const auto ticket = world.ticket_for(user, gateway, 3);
  ASSERT_TRUE(world.try_enrol(ticket, gateway));
  const auto second = world.try_enrol(ticket, gateway);
  ASSERT_TRUE(second);
  EXPECT_EQ(world.try_enrol(ticket, gateway).error(), errc::device_limit);
  ASSERT_TRUE(world.devices.revoke(world.admin(), second->answer.device.id));
  EXPECT_TRUE(world.try_enrol(ticket, gateway));
}

TEST_F(Enrolment, RevokedDeviceCannotEnrolAgain) {
  const auto ticket = world.ticket_for(user, gateway);
  const auto key = identity::signing_key::generate(world.random).public_part().to_base64url();
  const services::enrolment wanted{
      .ticket = ticket, .device_key = key, .name = "a", .platform = "linux"};
  const auto made = world.devices.enrol(gateway, wanted);
  ASSERT_TRUE(made);
  ASSERT_TRUE(world.devices.revoke(world.admin(), made->device.id));
  EXPECT_EQ(world.devices.enrol(gateway, wanted).error(), errc::device_revoked);
}

TEST_F(Enrolment, LinkNeedsALiveSubscriptionAndAnApprovedGateway) {
  const auto stranger = world.add_user("stranger");
  EXPECT_EQ(world.devices
                .issue_link(world.admin(), {.user = stranger.id, .gateway = gateway.id, .uses = 1})
                .error(),
            errc::subscription_not_found);
  const auto unknown = models::gateway_id::make(world.clock.system_now(), world.random);
  EXPECT_EQ(
      world.devices.issue_link(world.admin(), {.user = user.id, .gateway = unknown, .uses = 1})
          .error(),
      errc::gateway_not_found);
}

TEST_F(Enrolment, ProofOfAnOldTokenRenewsIt) {
  const auto made = world.enrol(user, gateway);
  world.clock.advance(std::chrono::hours(24 * 29));
  const identity::request_to_prove request{.method = "POST", .path = "/api/v1/devices/token"};
  const auto header = identity::build_device_proof(
      request, {.token = made.answer.token, .device = made.key, .now = world.clock.system_now()});
  ASSERT_TRUE(header);
  const auto device = world.devices.authenticate({.header = *header, .request = request});
  ASSERT_TRUE(device);
  const auto renewed = world.devices.renew(gateway, *device);
  ASSERT_TRUE(renewed);
  EXPECT_TRUE(world.authority.verify_token(renewed->token, identity::expiry_grace::none()));
}

TEST_F(Enrolment, ProofForAnotherPathOrKeyOrTimeIsRefused) {
  const auto made = world.enrol(user, gateway);
  const auto now = world.clock.system_now();
  const identity::request_to_prove request{.method = "POST", .path = "/api/v1/devices/token"};
  const identity::request_to_prove other{.method = "GET", .path = "/api/v1/me"};
  const auto header = identity::build_device_proof(
      request, {.token = made.answer.token, .device = made.key, .now = now});
  EXPECT_EQ(world.devices.authenticate({.header = *header, .request = other}).error(),
            errc::proof_invalid);
  const auto thief = identity::signing_key::generate(world.random);
  const auto stolen = identity::build_device_proof(
      request, {.token = made.answer.token, .device = thief, .now = now});
  EXPECT_EQ(world.devices.authenticate({.header = *stolen, .request = request}).error(),
            errc::proof_invalid);
  world.clock.advance(std::chrono::minutes(3));
  EXPECT_EQ(world.devices.authenticate({.header = *header, .request = request}).error(),
            errc::proof_expired);
}

TEST_F(Enrolment, ProofThatIsShownTwiceRenewsOnce) {
  const auto made = world.enrol(user, gateway);
  const auto now = world.clock.system_now();
  const identity::device_credentials credentials{
      .token = made.answer.token, .device = made.key, .now = now};
  const identity::request_to_prove request{.method = "POST", .path = "/api/v1/devices/token"};
  const auto header = identity::build_device_proof(request, credentials);
  EXPECT_TRUE(world.devices.authenticate({.header = *header, .request = request}));
  EXPECT_EQ(world.devices.authenticate({.header = *header, .request = request}).error(),
            errc::proof_replayed);
  const identity::request_to_prove reading{.method = "GET", .path = "/api/v1/me"};
  const auto again = identity::build_device_proof(reading, credentials);
  EXPECT_TRUE(world.devices.authenticate({.header = *again, .request = reading}));
  EXPECT_TRUE(world.devices.authenticate({.header = *again, .request = reading}));
}

TEST_F(Enrolment, RevokedDeviceCannotRenew) {
  const auto made = world.enrol(user, gateway);
  ASSERT_TRUE(world.devices.revoke(world.admin(), made.answer.device.id));
  EXPECT_EQ(world.devices.renew(gateway, made.answer.device.id).error(), errc::device_revoked);
}

TEST_F(Enrolment, ReportTellsQuotaDevicesAndStanding) {
  const auto made = world.enrol(user, gateway);
  const auto report = world.devices.report(made.answer.device.id);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->devices, 1U);
  EXPECT_EQ(report->holder.subscription.standing, models::subscription_standing::active);
}

}
}
