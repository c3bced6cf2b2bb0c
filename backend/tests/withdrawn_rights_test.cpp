#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::deployment;

class WithdrawnRights : public testing::Test {
 protected:
  std::error_code reason(const std::string& token,
                         const std::string& session = "0000000000000001") {
    const auto outcome = world.validate(gateway, token, session);
    const auto* denied = std::get_if<services::denied_device>(&outcome);
    return denied == nullptr ? std::error_code() : denied->reason;
  }

  std::string token_with(void (*change)(identity::access_claims&)) {
    auto claims =
        world.authority.verify_token(device.answer.token, identity::expiry_grace::none())->claims;
    change(claims);
    return *world.authority.sign(claims);
  }

  void store(const services::transaction& change) { ASSERT_TRUE(world.store->write(change)); }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan();
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
  test_support::enrolled device = world.enrol(user, gateway);
};

TEST_F(WithdrawnRights, SuspendedUserIsNeitherAdmittedNorRenewed) {
  EXPECT_EQ(reason(device.answer.token), std::error_code());
  user.state = models::user_state::suspended;
  store([&](services::repositories& tables) { return tables.users.update(user); });
  EXPECT_EQ(reason(device.answer.token), errc::access_suspended);
  EXPECT_EQ(world.devices.renew(gateway, device.answer.device.id).error(), errc::access_suspended);
}

TEST_F(WithdrawnRights, SuspendedSubscriptionIsToldFromOneThatIsOver) {
  const auto id = subscription.subject.id;
  ASSERT_TRUE(world.withdrawals.suspend_subscription(world.admin(), id));
  EXPECT_EQ(reason(device.answer.token), errc::access_suspended);
  ASSERT_TRUE(world.withdrawals.resume_subscription(world.admin(), id));
  EXPECT_EQ(reason(device.answer.token), std::error_code());
}

TEST_F(WithdrawnRights, TokenForOtherGatewaysOpensNothingHere) {
  const auto token =
      token_with([](identity::access_claims& claims) { claims.gateways = {"gw_elsewhere"}; });
  EXPECT_EQ(reason(token), errc::region_denied);
  world.add_node();
  EXPECT_EQ(world.nodes.assign(gateway, {.token = token, .region = ""}).error(),
            errc::region_denied);
}

TEST_F(WithdrawnRights, PlanOfAnotherRegionEnrolsNobodyHere) {
  auto far = world.join_order_for("far");
  far.region = "us";
  ASSERT_TRUE(world.gateways.join(far));
  const auto guest = world.add_user("guest");
  world.subscribe(guest, world.add_plan({.code = "walled", .regions = {"us"}}));
  EXPECT_EQ(world.try_enrol(world.ticket_for(guest, gateway), gateway).error(),
            errc::region_denied);
}

TEST_F(WithdrawnRights, SessionOfAnotherDeviceIsNoRecheckOfAnExpiredToken) {
  const auto other = world.add_user("other");
  world.subscribe(other, terms);
  const auto second = world.enrol(other, gateway);
  EXPECT_EQ(reason(device.answer.token, "00000000000000aa"), std::error_code());
  world.clock.advance(std::chrono::minutes(61));
  EXPECT_EQ(reason(second.answer.token, "00000000000000aa"), errc::token_expired);
}

TEST_F(WithdrawnRights, ProofByAKeyThatTheDeviceDidNotEnrolIsRefused) {
  const auto other = identity::signing_key::generate(world.random);
  auto claims =
      world.authority.verify_token(device.answer.token, identity::expiry_grace::none())->claims;
  claims.device_key = other.public_part();
  const identity::request_to_prove request{.method = "GET", .path = "/api/v1/me"};
  const auto header = identity::build_device_proof(
      request,
      {.token = *world.authority.sign(claims), .device = other, .now = world.clock.system_now()});
  ASSERT_TRUE(header);
  EXPECT_EQ(world.devices.authenticate({.header = *header, .request = request}).error(),
            errc::token_invalid);
}

TEST_F(WithdrawnRights, DisabledGatewayIsRefusedWithItsOwnCredential) {
  const auto joined = world.join("second");
  const auto credential = joined.credential.reveal_text();
  ASSERT_TRUE(world.access.gateway(credential, services::approval::required));
  auto disabled = joined.gateway;
  disabled.state = models::gateway_state::disabled;
  store([&](services::repositories& tables) { return tables.gateways.update(disabled); });
  EXPECT_EQ(world.access.gateway(credential, services::approval::required).error(),
            errc::gateway_disabled);
  EXPECT_EQ(world.gateways.join(world.join_order_for("second")).error(), errc::gateway_disabled);
}

TEST_F(WithdrawnRights, NoLinkLeadsToAGatewayThatWaitsForApproval) {
  auto waiting = world.join("second").gateway;
  waiting.state = models::gateway_state::pending;
  store([&](services::repositories& tables) { return tables.gateways.update(waiting); });
  const auto link =
      world.devices.issue_link(world.admin(), {.user = user.id, .gateway = waiting.id, .uses = 1});
  EXPECT_EQ(link.error(), errc::gateway_pending);
}

TEST_F(WithdrawnRights, RevokedAdminTokenOpensNothing) {
  const auto issued = services::issue_secret(services::admin_token_prefix, world.random);
  const auto now = world.clock.system_now();
  store([&](services::repositories& tables) {
    return tables.api_tokens.insert({.id = models::admin_id::make(now, world.random),
                                     .name = "left",
                                     .hash = issued.hash,
                                     .created_at = now,
                                     .revoked_at = now});
  });
  EXPECT_EQ(world.access.admin(issued.text.reveal_text(), "r").error(), errc::credential_invalid);
}

}
}
