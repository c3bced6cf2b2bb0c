#include <gtest/gtest.h>

#include <algorithm>

#include "accounting/support/accounting_world.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t quota = 40 * mebibyte + 4321;
constexpr std::uint64_t first_lease = 4 * mebibyte;
constexpr std::uint64_t offline_bytes = 3 * mebibyte;
constexpr auto withdrawal_limit = std::chrono::seconds(10);
constexpr auto poll_limit = std::chrono::seconds(2);

const std::map<std::string, std::string> brisk = {{"GATEWAY_USAGE_INTERVAL", "1000"},
                                                  {"GATEWAY_USAGE_SYNC", "1000"},
                                                  {"GATEWAY_HEARTBEAT_INTERVAL", "5000"}};

std::uint64_t passed(const gateway_process& gateway) {
  return static_cast<std::uint64_t>(gateway.metric("httvps_gateway_bytes_up_total") +
                                    gateway.metric("httvps_gateway_bytes_down_total"));
}

bool was_told(const tunnel& device, wire::errc code) {
  return device.farewell() && device.farewell()->code == code &&
         std::ranges::any_of(device.notices(), [code](const wire::notice_received& each) {
           return each.code == code && !each.sentence.empty();
         });
}

bool run_until_over(const std::vector<tunnel*>& devices, std::chrono::seconds limit) {
  const auto end = clock::now() + limit;
  const auto is_over = [](const tunnel* each) { return each->farewell().has_value(); };
  while (!std::ranges::all_of(devices, is_over)) {
    if (clock::now() >= end) {
      return false;
    }
    for (auto* each : devices) {
      each->let_run(std::chrono::milliseconds(5));
    }
  }
  return true;
}

std::uint64_t sum_of(const usage_totals& totals) {
  return totals.up + totals.down;
}

TEST(QuotaLife, TwoGatewaysTogetherPassAllOfTheQuotaAndNotAByteMore) {
  accounting_world world{brisk, {{"quota_bytes", quota}}};
  const auto second = world.add_gateway("second");
  const auto one = world.connect();
  const auto two = world.connect_to(*second);
  ASSERT_TRUE(one->wait_until_open());
  ASSERT_TRUE(two->wait_until_open());
  world.start(*one, quota);
  world.start(*two, quota);
  ASSERT_TRUE(run_until_over({one.get(), two.get()}, std::chrono::seconds(60)));
  EXPECT_TRUE(was_told(*one, wire::errc::quota_exceeded));
  EXPECT_TRUE(was_told(*two, wire::errc::quota_exceeded));
  const auto all = passed(world.gateway) + passed(*second);
  EXPECT_LE(all, quota);
  EXPECT_GE(all, quota / 100 * 95);
  EXPECT_GT(passed(world.gateway), 0U);
  EXPECT_GT(passed(*second), 0U);
  world.gateway.terminate();
  second->terminate();
  EXPECT_EQ(world.gateway.wait_for_exit(withdrawal_limit), 0);
  EXPECT_EQ(second->wait_for_exit(withdrawal_limit), 0);
  EXPECT_EQ(sum_of(world.booked().total), all);
}

struct Withdrawal : ::testing::Test {
  void expect_end_within_the_limit(const std::string& path, wire::errc reason) {
    const auto device = world.connect();
    ASSERT_TRUE(device->wait_until_open());
    ASSERT_TRUE(world.transfer(*device, 1000));
    const auto started = clock::now();
    ASSERT_EQ(world.backend().admin_post(path, {}).status, 200);
    EXPECT_TRUE(run_until_over({device.get()}, withdrawal_limit));
    EXPECT_LT(clock::now() - started, withdrawal_limit);
    EXPECT_TRUE(was_told(*device, reason));
  }

  void expect_refusal(wire::errc reason) {
    const auto device = world.connect();
    ASSERT_TRUE(device->wait_until_over());
    ASSERT_TRUE(device->refused());
    EXPECT_EQ(device->refused()->code, reason);
  }

  bool is_let_in_again() {
    const auto end = clock::now() + 2 * withdrawal_limit;
    while (clock::now() < end) {
      const auto device = world.connect();
      if (device->wait_until_open()) {
        return true;
      }
      device->let_run(std::chrono::milliseconds(250));
    }
    return false;
  }

  accounting_world world{brisk};
};

struct LongPoll : ::testing::Test {
  static clock::duration time_to_end(accounting_world& world) {
    const auto device = world.connect();
    EXPECT_TRUE(device->wait_until_open());
    EXPECT_TRUE(world.transfer(*device, 1000));
    const auto started = clock::now();
    const auto path = "/devices/" + world.device_id() + ":revoke";
    EXPECT_EQ(world.backend().admin_post(path, {}).status, 200);
    EXPECT_TRUE(run_until_over({device.get()}, 2 * withdrawal_limit));
    EXPECT_TRUE(was_told(*device, wire::errc::device_revoked));
    return clock::now() - started;
  }
};

TEST_F(LongPoll, RevocationEndsASessionWithinTwoSecondsAtDefaultHeartbeats) {
  accounting_world world{brisk};
  EXPECT_LT(time_to_end(world), poll_limit);
}

TEST_F(LongPoll, RevocationDoesNotWaitForAHeartbeat) {
  auto slow = brisk;
  slow["GATEWAY_HEARTBEAT_INTERVAL"] = "60000";
  accounting_world world{slow};
  EXPECT_LT(time_to_end(world), poll_limit);
}

TEST_F(Withdrawal, OfADeviceEndsItsSession) {
  expect_end_within_the_limit("/devices/" + world.device_id() + ":revoke",
                              wire::errc::device_revoked);
}

TEST_F(Withdrawal, OfAUserEndsItsSessionsUntilItIsResumed) {
  const auto user = "/users/" + world.backend().user;
  expect_end_within_the_limit(user + ":suspend", wire::errc::access_suspended);
  expect_refusal(wire::errc::access_suspended);
  ASSERT_EQ(world.backend().admin_post(user + ":resume", {}).status, 200);
  EXPECT_TRUE(is_let_in_again());
}

TEST_F(Withdrawal, OfASubscriptionEndsItsSessionsUntilItIsResumed) {
  const auto subscription = "/subscriptions/" + world.backend().subscription;
  expect_end_within_the_limit(subscription + ":suspend", wire::errc::access_suspended);
  expect_refusal(wire::errc::access_suspended);
  ASSERT_EQ(world.backend().admin_post(subscription + ":resume", {}).status, 200);
  EXPECT_TRUE(is_let_in_again());
}

TEST(QuotaLife, WithoutTheBackendTheLeaseAndTheOfflineBytesPass) {
  accounting_world world{brisk,
                         {{"quota_bytes", 1024 * mebibyte}, {"offline_bytes", offline_bytes}}};
  const auto device = world.connect();
  ASSERT_TRUE(device->wait_until_open());
  ASSERT_TRUE(world.transfer(*device, 1000));
  EXPECT_EQ(world.backend().process->stop(), 0);
  world.start(*device, 16 * mebibyte);
  ASSERT_TRUE(run_until_over({device.get()}, std::chrono::seconds(40)));
  EXPECT_TRUE(was_told(*device, wire::errc::quota_exceeded));
  EXPECT_LE(passed(world.gateway), first_lease + offline_bytes);
  EXPECT_GE(passed(world.gateway), (first_lease + offline_bytes) / 100 * 95);
}

}
}
