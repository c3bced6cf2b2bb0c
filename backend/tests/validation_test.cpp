#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::deployment;

class Validation : public testing::Test {
 protected:
  std::error_code reason(const std::string& token,
                         const std::string& session = "0000000000000001") {
    const auto outcome = world.validate(gateway, token, session);
    const auto* denied = std::get_if<services::denied_device>(&outcome);
    return denied == nullptr ? std::error_code() : denied->reason;
  }

  void report_usage(const std::string& token, base::byte_count up) {
    const services::usage_report batch{
        .epoch = "01",
        .seq = 1,
        .lines = {
            {.session = 1, .node = node.id, .counted = {.up = up, .down = 0}, .token = token}}};
    ASSERT_TRUE(world.usage.report(gateway, batch));
  }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan(
      {.quota_bytes = 1000, .reset = models::reset_period::month, .duration_days = 60});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
  models::node node = world.add_node();
  test_support::enrolled device = world.enrol(user, gateway);
};

TEST_F(Validation, AdmitsAGoodDeviceWithItsPlan) {
  const auto outcome = world.validate(gateway, device.answer.token);
  const auto* admitted = std::get_if<services::admitted_device>(&outcome);
  ASSERT_NE(admitted, nullptr);
  EXPECT_EQ(admitted->device, device.answer.device.id);
  EXPECT_EQ(admitted->subscription, subscription.subject.id);
  EXPECT_EQ(admitted->terms.session_limit, 1U);
  EXPECT_EQ(admitted->terms.id, terms.id);
  EXPECT_EQ(admitted->ends_at, subscription.subject.expires_at);
  EXPECT_EQ(admitted->recheck, services::validation_recheck);
}

TEST_F(Validation, IsDueAgainWhenAPlannedChangeOfThePlanComes) {
  const auto larger = world.add_plan({.code = "larger", .reset = models::reset_period::month});
  const auto id = subscription.subject.id;
  services::subscription_amendment wanted;
  wanted.next_plan.emplace(larger.id);
  ASSERT_TRUE(world.accounts.change_subscription(world.admin(), id, wanted));
  const auto end = world.accounts.subscription(id)->subject.next->at;
  world.clock.advance(end - world.clock.system_now() - std::chrono::seconds(100));
  const auto token = world.devices.renew(gateway, device.answer.device.id)->token;
  const auto outcome = world.validate(gateway, token);
  const auto* admitted = std::get_if<services::admitted_device>(&outcome);
  ASSERT_NE(admitted, nullptr);
  EXPECT_EQ(admitted->terms.id, terms.id);
  EXPECT_EQ(admitted->recheck, std::chrono::seconds(100));
}

TEST_F(Validation, DeniesAForgedToken) {
  auto token = device.answer.token;
  token[30] = token[30] == 'A' ? 'B' : 'A';
  EXPECT_EQ(reason(token), errc::token_invalid);
  EXPECT_EQ(reason("v4.public.x"), errc::token_invalid);
}

TEST_F(Validation, DeniesAnExpiredTokenForANewSessionButRechecksAKnownOne) {
  EXPECT_EQ(reason(device.answer.token, "00000000000000aa"), std::error_code());
  world.clock.advance(std::chrono::minutes(61));
  EXPECT_EQ(reason(device.answer.token, "00000000000000aa"), std::error_code());
  EXPECT_EQ(reason(device.answer.token, "00000000000000bb"), errc::token_expired);
}

TEST_F(Validation, ForgetsOldSessions) {
  EXPECT_EQ(reason(device.answer.token, "00000000000000aa"), std::error_code());
  world.clock.advance(std::chrono::hours(49));
  ASSERT_TRUE(world.validation.forget_old_sessions());
  EXPECT_EQ(reason(device.answer.token, "00000000000000aa"), errc::token_expired);
}

TEST_F(Validation, DeniesARevokedDevice) {
  ASSERT_TRUE(world.devices.revoke(world.admin(), device.answer.device.id));
  EXPECT_EQ(reason(device.answer.token), errc::device_revoked);
}

TEST_F(Validation, DeniesTheLaterEnrolledDeviceWhileThePlanAllowsFewer) {
  const auto allow = [&](std::uint32_t devices) {
    ASSERT_TRUE(world.accounts.change_plan(world.admin(), terms.id, {.device_limit = devices}));
  };
  allow(2);
  world.clock.advance(std::chrono::seconds(1));
  const auto later = world.enrol(user, gateway);
  EXPECT_EQ(reason(later.answer.token, "00000000000000bb"), std::error_code());
  allow(1);
  EXPECT_EQ(reason(later.answer.token, "00000000000000bb"), errc::device_limit);
  EXPECT_EQ(reason(later.answer.token, "00000000000000cc"), errc::device_limit);
  EXPECT_EQ(reason(device.answer.token), std::error_code());
  ASSERT_TRUE(world.devices.revoke(world.admin(), device.answer.device.id));
  EXPECT_EQ(reason(later.answer.token, "00000000000000bb"), std::error_code());
}

TEST_F(Validation, DeniesWhenTheQuotaIsReachedAndAdmitsInTheNextPeriod) {
  report_usage(device.answer.token, 999);
  EXPECT_EQ(reason(device.answer.token), std::error_code());
  const services::usage_report rest{
      .epoch = "01",
      .seq = 2,
      .lines = {{.session = 1, .node = node.id, .counted = {.up = 1000, .down = 0}, .token = {}}}};
  ASSERT_TRUE(world.usage.report(gateway, rest));
  EXPECT_EQ(reason(device.answer.token), errc::quota_exceeded);
  world.clock.advance(std::chrono::hours(24 * 29));
  EXPECT_EQ(reason(device.answer.token), std::error_code());
}

TEST_F(Validation, DeniesAfterTheSubscriptionEnds) {
  EXPECT_EQ(reason(device.answer.token), std::error_code());
  world.clock.advance(std::chrono::hours(24 * 60));
  EXPECT_EQ(reason(device.answer.token), errc::token_expired);
  const auto renewed = world.devices.renew(gateway, device.answer.device.id);
  EXPECT_EQ(renewed.error(), errc::subscription_expired);
}

TEST_F(Validation, DeniesATokenForOtherGateways) {
  auto walled = world.add_plan({.code = "walled", .regions = {"us"}});
  const auto guest = world.add_user("guest");
  world.subscribe(guest, walled);
  EXPECT_EQ(world.try_enrol(world.ticket_for(guest, gateway), gateway).error(),
            errc::region_denied);
}

TEST_F(Validation, StorageFailuresAreNoDenials) {
  EXPECT_FALSE(services::is_denial(errc::storage_busy));
  EXPECT_FALSE(services::is_denial(errc::storage_full));
  EXPECT_TRUE(services::is_denial(errc::quota_exceeded));
}

TEST_F(Validation, NotesWhenTheDeviceWasLastSeen) {
  EXPECT_EQ(reason(device.answer.token), std::error_code());
  const auto report = world.devices.report(device.answer.device.id);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->holder.device.last_seen_at, world.clock.system_now());
}

}
}
