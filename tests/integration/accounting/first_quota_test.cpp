#include <gtest/gtest.h>

#include "accounting/support/accounting_world.hpp"

namespace httvps::testing {
namespace {

using std::chrono::seconds;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t quota = 24 * mebibyte + 4321;
constexpr std::size_t passed_before = 4 * mebibyte;
constexpr auto terms_hold_within = seconds(10);
constexpr auto quota_used_within = seconds(40);

std::map<std::string, std::string> reporting_each(const std::string& milliseconds) {
  return {{"GATEWAY_HEARTBEAT_INTERVAL", "5000"},
          {"GATEWAY_USAGE_SYNC", "1000"},
          {"GATEWAY_USAGE_INTERVAL", milliseconds}};
}

struct FirstQuota : ::testing::Test {
  static usage_totals passed(const accounting_world& world) {
    const auto read = [&world](const std::string& name) {
      return static_cast<base::byte_count>(world.gateway.metric(name));
    };
    return {.up = read("httvps_gateway_bytes_up_total"),
            .down = read("httvps_gateway_bytes_down_total")};
  }

  static void expect_that_all_count(accounting_world& world, tunnel& device) {
    const auto plan = "/plans/" + world.backend().plan;
    ASSERT_EQ(world.backend().admin_patch(plan, {{"quota_bytes", quota}}).status, 200);
    const auto is_bound = [&world] {
      return world.gateway.metric("httvps_gateway_lease_renewals_total") > 0;
    };
    ASSERT_TRUE(device.wait(is_bound, terms_hold_within));
    world.start(device, quota);
    ASSERT_TRUE(device.wait([&] { return device.farewell().has_value(); }, quota_used_within));
    EXPECT_EQ(device.farewell()->code, wire::errc::quota_exceeded);
    const auto all = passed(world);
    EXPECT_LE(all.up + all.down, quota);
    EXPECT_GE(all.up + all.down, quota / 100 * 95);
    world.gateway.terminate();
    EXPECT_EQ(world.gateway.wait_for_exit(terms_hold_within), 0);
    EXPECT_EQ(world.booked().total, all);
  }
};

TEST_F(FirstQuota, CountsWhatRunningSessionsHaveNotReported) {
  accounting_world world{reporting_each("600000")};
  const auto device = world.connect();
  ASSERT_TRUE(device->wait_until_open());
  ASSERT_TRUE(world.transfer(*device, passed_before));
  EXPECT_EQ(world.booked().total, usage_totals{});
  expect_that_all_count(world, *device);
}

TEST_F(FirstQuota, CountsWhatRunningSessionsHaveReportedOnce) {
  accounting_world world{reporting_each("1000")};
  const auto device = world.connect();
  ASSERT_TRUE(device->wait_until_open());
  ASSERT_TRUE(world.transfer(*device, passed_before));
  ASSERT_TRUE(world.wait_until_booked(passed(world)));
  expect_that_all_count(world, *device);
}

}
}
