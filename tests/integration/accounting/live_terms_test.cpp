#include <gtest/gtest.h>

#include <algorithm>

#include "accounting/support/accounting_world.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr auto terms_hold_within = seconds(10);
constexpr std::uint64_t megabyte_a_second = 8'000'000;
const std::map<std::string, std::string> usual = {{"GATEWAY_HEARTBEAT_INTERVAL", "5000"}};

struct LiveTerms : ::testing::Test {
  void change(const std::string& path, const json_object& content) {
    const auto answer = world.backend().admin_patch(path, content);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  void change_plan(const json_object& content) {
    change("/plans/" + world.backend().plan, content);
  }
  void change_subscription(const json_object& content) {
    change("/subscriptions/" + world.backend().subscription, content);
  }

  std::unique_ptr<tunnel> open(std::size_t who = 0) {
    auto device = world.connect(who);
    EXPECT_TRUE(device->wait_until_open());
    EXPECT_TRUE(world.transfer(*device, 1000, who));
    return device;
  }

  static bool ends_in_time(tunnel& device, wire::errc code) {
    const auto told = [code](const wire::notice_received& each) {
      return each.code == code && !each.sentence.empty();
    };
    return device.wait([&] { return device.farewell().has_value(); }, terms_hold_within) &&
           device.farewell()->code == code && std::ranges::any_of(device.notices(), told);
  }

  accounting_world world{usual};
};

TEST_F(LiveTerms, SubscriptionEndsAtTheMomentThatItGets) {
  const auto device = open();
  const auto end = base::real_clock().system_now() + seconds(9);
  change_subscription({{"expires_at", base::to_rfc3339(end)}});
  ASSERT_TRUE(device->wait([&] { return device->farewell().has_value(); }, seconds(14)));
  EXPECT_GE(base::real_clock().system_now(), end);
  EXPECT_EQ(device->farewell()->code, wire::errc::subscription_expired);
  const auto again = world.connect();
  ASSERT_TRUE(again->wait_until_over());
  ASSERT_TRUE(again->refused());
  EXPECT_EQ(again->refused()->code, wire::errc::subscription_expired);
}

TEST_F(LiveTerms, SubscriptionThatIsCutShortEndsItsSession) {
  const auto device = open();
  const auto passed = base::real_clock().system_now();
  change_subscription({{"expires_at", base::to_rfc3339(passed)}});
  EXPECT_TRUE(ends_in_time(*device, wire::errc::subscription_expired));
}

TEST_F(LiveTerms, LowerRateOfThePlanHoldsForAnOpenSession) {
  const auto device = open();
  change_plan({{"down_bps", megabyte_a_second}});
  device->let_run(terms_hold_within);
  const auto started = clock::now();
  ASSERT_TRUE(world.transfer(*device, 2'000'000));
  const std::chrono::duration<double> took = clock::now() - started;
  EXPECT_GE(took.count(), 1.7);
  EXPECT_LE(took.count(), 5.0);
  EXPECT_FALSE(device->farewell());
}

TEST_F(LiveTerms, SuspendedUserIsToldTheTrueReason) {
  const auto device = open();
  const auto path = "/users/" + world.backend().user + ":suspend";
  ASSERT_EQ(world.backend().admin_post(path, {}).status, 200);
  EXPECT_TRUE(ends_in_time(*device, wire::errc::access_suspended));
}

TEST_F(LiveTerms, RegionThatThePlanLosesEndsTheSession) {
  const auto device = open();
  ASSERT_EQ(world.backend().admin_post("/regions", {{"code", "us"}}).status, 201);
  change_plan({{"regions", boost::json::array{"us"}}});
  EXPECT_TRUE(ends_in_time(*device, wire::errc::region_denied));
}

TEST_F(LiveTerms, LowerDeviceLimitEndsTheSessionOfTheLaterDevice) {
  const auto first = open();
  const auto later = open(world.add_device());
  change_plan({{"device_limit", 1}});
  EXPECT_TRUE(ends_in_time(*later, wire::errc::device_limit));
  EXPECT_TRUE(world.transfer(*first, 1000));
  EXPECT_FALSE(first->farewell());
}

}
}
