#include <gtest/gtest.h>

#include <algorithm>

#include "gateway/support/counting_origin.hpp"
#include "gateway/support/gateway_world.hpp"
#include "httvps/base/clock.hpp"
#include "support/tcp.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr std::uint64_t megabyte_a_second = 8'000'000;
constexpr auto terms_hold_within = seconds(10);
constexpr auto terms_spread = seconds(3);

std::string moment_after(seconds span) {
  return base::to_rfc3339(base::real_clock().system_now() + span);
}

bool was_told(const tunnel& device, wire::errc code) {
  return device.farewell() && device.farewell()->code == code &&
         std::ranges::any_of(device.notices(), [code](const wire::notice_received& each) {
           return each.code == code && !each.sentence.empty();
         });
}

struct RunningTerms : ::testing::Test {
  gateway_world world{{.environment = {{"GATEWAY_THREADS", "2"}}}};
  counting_origin counted;

  void script(const std::function<void(backend_script&)>& edit) { world.backend.change(edit); }

  void announce(const std::string& subject, const std::function<void(backend_script&)>& edit) {
    script([&](backend_script& plan) {
      edit(plan);
      ++plan.terms_version;
      plan.terms_changed.insert(plan.terms_changed.begin(), subject);
    });
  }

  std::unique_ptr<tunnel> open_as(const test_device& device) const {
    auto opened = world.connect(device);
    EXPECT_TRUE(opened->wait_until_open());
    return opened;
  }

  std::unique_ptr<tunnel> open_after_the_first_heartbeat() const {
    EXPECT_TRUE(world.backend.wait_for(
        [](const backend_record& record) { return !record.heartbeats.empty(); }));
    return open_as(world.device);
  }

  static bool ends_within_the_limit(tunnel& device, wire::errc code) {
    return device.wait([&] { return device.farewell().has_value(); }, terms_hold_within) &&
           was_told(device, code);
  }

  std::chrono::duration<double> time_of(tunnel& device, std::size_t count) const {
    const auto started = clock::now();
    const auto stream = device.open(loopback_target(counted.port()), pattern(count));
    EXPECT_TRUE(
        device.wait([&] { return device.view(stream).received.size() == count + greeting_size; }));
    return clock::now() - started;
  }

  base::byte_count passed() const {
    return static_cast<base::byte_count>(world.gateway.metric("httvps_gateway_bytes_up_total") +
                                         world.gateway.metric("httvps_gateway_bytes_down_total"));
  }

  std::size_t validations() const { return world.backend.record().validations.size(); }
};

TEST_F(RunningTerms, SubscriptionThatEndsEndsItsSessionWithoutAQuota) {
  script([](backend_script& plan) { plan.ends_at = moment_after(seconds(4)); });
  const auto started = clock::now();
  const auto device = open_as(world.device);
  EXPECT_LT(time_of(*device, 10'000), seconds(2));
  EXPECT_TRUE(ends_within_the_limit(*device, wire::errc::subscription_expired));
  EXPECT_GE(clock::now() - started, seconds(3));
  EXPECT_EQ(world.gateway.metric("httvps_gateway_expiry_ends_total"), 1);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_quota_ends_total"), 0);
}

TEST_F(RunningTerms, SubscriptionThatEndsEndsItsSessionWithAQuota) {
  script([](backend_script& plan) {
    plan.quota = 100'000'000;
    plan.ends_at = moment_after(seconds(4));
  });
  const auto device = open_as(world.device);
  EXPECT_LT(time_of(*device, 10'000), seconds(2));
  EXPECT_TRUE(ends_within_the_limit(*device, wire::errc::subscription_expired));
  EXPECT_EQ(world.gateway.metric("httvps_gateway_quota_ends_total"), 0);
}

TEST_F(RunningTerms, WithoutTheBackendASubscriptionThatIsOverOpensNoSession) {
  script([](backend_script& plan) { plan.ends_at = moment_after(seconds(3)); });
  const auto device = open_as(world.device);
  ASSERT_TRUE(ends_within_the_limit(*device, wire::errc::subscription_expired));
  world.backend.behave(backend_call::validate, conduct::drop);
  const auto again = world.connect(world.device);
  ASSERT_TRUE(again->wait_until_over());
  ASSERT_TRUE(again->refused());
  EXPECT_EQ(again->refused()->code, wire::errc::subscription_expired);
}

TEST_F(RunningTerms, LeaseThatEndsForAnotherReasonIsNoUsedUpQuota) {
  script([](backend_script& plan) {
    plan.quota = 1'000'000;
    plan.lease_reason = "subscription_expired";
  });
  const auto device = open_as(world.device);
  device->open(loopback_target(counted.port()), pattern(4'000'000));
  EXPECT_TRUE(ends_within_the_limit(*device, wire::errc::subscription_expired));
  EXPECT_EQ(world.gateway.metric("httvps_gateway_quota_ends_total"), 0);
}

TEST_F(RunningTerms, SuspendedDeviceIsToldSoAndRefusedWithTheSameReason) {
  const auto device = open_as(world.device);
  script([](backend_script& plan) {
    plan.revocation_version = 1;
    plan.revoked_devices = {"dev_first"};
    plan.suspended_devices["dev_first"] = "user_suspended";
  });
  EXPECT_TRUE(ends_within_the_limit(*device, wire::errc::access_suspended));
  const auto before = validations();
  const auto again = world.connect(world.device);
  ASSERT_TRUE(again->wait_until_over());
  ASSERT_TRUE(again->refused());
  EXPECT_EQ(again->refused()->code, wire::errc::access_suspended);
  EXPECT_EQ(validations(), before);
}

TEST_F(RunningTerms, LowerRateHoldsForAnOpenSession) {
  const auto device = open_after_the_first_heartbeat();
  EXPECT_LT(time_of(*device, 2'000'000), seconds(2));
  announce("plan_test", [](backend_script& plan) { plan.down_bps = megabyte_a_second; });
  device->let_run(terms_spread);
  const auto took = time_of(*device, 2'000'000).count();
  EXPECT_GE(took, 1.7);
  EXPECT_LE(took, 4.0);
  announce("sub_test", [](backend_script& plan) { plan.down_bps.reset(); });
  device->let_run(terms_spread);
  EXPECT_LT(time_of(*device, 2'000'000), seconds(2));
  EXPECT_FALSE(device->farewell());
}

TEST_F(RunningTerms, QuotaThatThePlanGetsBindsAnOpenSession) {
  const auto device = open_after_the_first_heartbeat();
  announce("plan_test", [](backend_script& plan) { plan.quota = 1'000'000; });
  ASSERT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return !record.leases.empty(); }, terms_hold_within));
  device->open(loopback_target(counted.port()), pattern(4'000'000));
  EXPECT_TRUE(ends_within_the_limit(*device, wire::errc::quota_exceeded));
}

TEST_F(RunningTerms, FirstQuotaCountsWhatAnOpenSessionLetPassBeforeIt) {
  const auto device = open_after_the_first_heartbeat();
  EXPECT_LT(time_of(*device, 2'000'000), seconds(2));
  constexpr base::byte_count before = 4'000'000 + greeting_size;
  announce("plan_test", [](backend_script& plan) { plan.quota = before + 1'000'000; });
  ASSERT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return !record.leases.empty(); }, terms_hold_within));
  EXPECT_EQ(world.backend.record().leases.front().used, before);
  device->open(loopback_target(counted.port()), pattern(4'000'000));
  EXPECT_TRUE(ends_within_the_limit(*device, wire::errc::quota_exceeded));
  EXPECT_LE(passed(), before + 1'000'000);
}

TEST_F(RunningTerms, QuotaThatGoesIsGivenBackAndCountedUntilItComesAgain) {
  script([](backend_script& plan) { plan.quota = 100'000'000; });
  const auto device = open_after_the_first_heartbeat();
  EXPECT_LT(time_of(*device, 1'000'000), seconds(2));
  announce("plan_test", [](backend_script& plan) { plan.quota.reset(); });
  ASSERT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return record.leases.back().want == 0; },
      terms_hold_within));
  const auto asked = world.backend.record().leases.size();
  EXPECT_LT(time_of(*device, 2'000'000), seconds(2));
  EXPECT_EQ(world.backend.record().leases.size(), asked);
  announce("plan_test", [](backend_script& plan) { plan.quota = 100'000'000; });
  ASSERT_TRUE(world.backend.wait_for(
      [asked](const backend_record& record) { return record.leases.size() > asked; },
      terms_hold_within));
  EXPECT_EQ(world.backend.record().leases.back().used, passed());
  EXPECT_LT(time_of(*device, 1'000'000), seconds(2));
  EXPECT_FALSE(device->farewell());
}

TEST_F(RunningTerms, SessionThatIsAdmittedWhileTermsChangeFollowsThemToo) {
  ASSERT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return !record.heartbeats.empty(); }));
  script([](backend_script& plan) { plan.delays[backend_call::assign] = seconds(2); });
  const auto device = world.connect(world.device);
  ASSERT_TRUE(device->wait([&] { return world.backend.count_of(backend_call::assign) > 0; }));
  announce("plan_test", [](backend_script& plan) { plan.quota = 1'000'000; });
  ASSERT_TRUE(device->wait_until_open());
  EXPECT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return !record.leases.empty(); }, terms_hold_within));
}

TEST_F(RunningTerms, ChangeWhileAnAnswerIsOnItsWayIsAskedForAgain) {
  const auto device = open_after_the_first_heartbeat();
  const auto before = validations();
  script([](backend_script& plan) {
    plan.delays[backend_call::validate] = std::chrono::milliseconds(600);
  });
  announce("plan_test", [](backend_script& plan) { plan.down_bps = 90'000'000; });
  ASSERT_TRUE(
      device->wait([&] { return world.backend.count_of(backend_call::validate) > before; }));
  announce("plan_test", [](backend_script& plan) { plan.down_bps = 80'000'000; });
  EXPECT_TRUE(world.backend.wait_for(
      [&](const backend_record& record) { return record.validations.size() >= before + 2; },
      terms_hold_within));
}

TEST_F(RunningTerms, BytesThatWaitForTheNodeMoveToTheNextSubscription) {
  const mute_listener mute;
  script([&](backend_script& plan) {
    plan.quota = 100'000'000;
    plan.lease_seconds = 4;
    plan.access_url = world.node_url(mute.port());
  });
  const auto device = open_after_the_first_heartbeat();
  device->open(loopback_target(counted.port()), pattern(10'000));
  device->let_run(seconds(1));
  announce("plan_test", [](backend_script& plan) { plan.subscription_id = "sub_next"; });
  const auto is_given_back = [](const lease_call& each) {
    return each.subscription == "sub_test" && each.want == 0;
  };
  ASSERT_TRUE(world.backend.wait_for(
      [&](const backend_record& record) {
        return std::ranges::any_of(record.leases, is_given_back) &&
               std::ranges::any_of(record.leases, [](const lease_call& each) {
                 return each.subscription == "sub_next" && each.used > 0;
               });
      },
      terms_hold_within));
  const auto leases = world.backend.record().leases;
  EXPECT_EQ(std::ranges::find_if(leases, is_given_back)->used, 0U);
}

TEST_F(RunningTerms, DenialEndsAnOpenSessionWithItsReason) {
  const auto device = open_after_the_first_heartbeat();
  announce("plan_test", [](backend_script& plan) {
    plan.denied_code = "region_denied";
    plan.denied_sentence = "The plan does not cover this gateway's region.";
  });
  EXPECT_TRUE(ends_within_the_limit(*device, wire::errc::region_denied));
  EXPECT_EQ(world.gateway.metric("httvps_gateway_denial_ends_total"), 1);
}

TEST_F(RunningTerms, LowerSessionLimitEndsTheOldestSessions) {
  const auto first = open_after_the_first_heartbeat();
  const auto second = open_as(world.device);
  announce("plan_test", [](backend_script& plan) { plan.session_limit = 1; });
  EXPECT_TRUE(first->wait([&] { return first->farewell().has_value(); }, terms_hold_within));
  EXPECT_EQ(first->farewell()->code, wire::errc::session_limit);
  EXPECT_LT(time_of(*second, 10'000), seconds(2));
  EXPECT_FALSE(second->farewell());
}

TEST_F(RunningTerms, ChangeOfAnotherPlanAsksNobody) {
  const auto device = open_after_the_first_heartbeat();
  const auto before = validations();
  announce("plan_of_others", [](backend_script&) {});
  device->let_run(terms_spread);
  EXPECT_EQ(validations(), before);
}

TEST_F(RunningTerms, SessionIsValidatedAgainAfterTheTimeThatTheBackendSays) {
  script([](backend_script& plan) { plan.recheck_seconds = 2; });
  const auto device = open_as(world.device);
  ASSERT_TRUE(world.backend.wait_for(
      [](const backend_record& record) { return record.validations.size() >= 3; },
      terms_hold_within));
  const auto record = world.backend.record();
  EXPECT_EQ(record.validations.front(), record.validations.back());
  EXPECT_FALSE(device->farewell());
  world.backend.behave(backend_call::validate, conduct::fail);
  device->let_run(seconds(4));
  EXPECT_FALSE(device->farewell());
  EXPECT_LT(time_of(*device, 10'000), seconds(2));
  EXPECT_GE(world.gateway.metric("httvps_gateway_rechecks_total{result=\"unanswered\"}"), 1);
}

}
}
