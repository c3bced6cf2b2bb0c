#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "httvps/backend/services/errc.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using namespace std::chrono_literals;
using services::errc;
using std::chrono::days;
using test_support::enrolled;
using test_support::life_world;

class FirstUse : public testing::Test {
 protected:
  services::subscription_report now_of(const services::subscription_report& one) {
    return world.accounts.subscription(one.subject.id).value();
  }
  bool is_admitted(const enrolled& device, const std::string& session = "0000000000000001") {
    const auto outcome = world.validate(gateway, device.answer.token, session);
    return std::holds_alternative<services::admitted_device>(outcome);
  }
  base::result<> begin(const models::subscription& subject, base::system_time at) {
    return world.store->note([&](services::repositories& tables) -> base::result<> {
      const models::subscription begun[] = {models::begun_at(subject, terms, at)};
      return tables.admissions.begin_use(begun);
    });
  }

  life_world world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.code = "used",
                                       .reset = models::reset_period::month_rolling,
                                       .duration_days = 30,
                                       .device_limit = 3,
                                       .start = models::plan_start::first_use});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
};

TEST_F(FirstUse, SubscriptionWaitsAndEnrolmentDoesNotBeginIt) {
  EXPECT_EQ(subscription.standing, models::subscription_standing::pending);
  EXPECT_FALSE(subscription.subject.expires_at);
  world.clock.advance(days(90));
  const auto device = world.enrol(user, gateway);
  EXPECT_TRUE(world.devices.renew(gateway, device.answer.device.id));
  EXPECT_TRUE(world.devices.config(gateway, device.answer.device.id));
  EXPECT_TRUE(now_of(subscription).subject.awaits_use);
  EXPECT_EQ(now_of(subscription).standing, models::subscription_standing::pending);
}

TEST_F(FirstUse, FirstAdmissionSetsStartAndEndOnce) {
  world.clock.advance(days(50));
  const auto first = world.enrol(user, gateway);
  const auto second = world.enrol(user, gateway);
  const auto began = world.clock.system_now();
  ASSERT_TRUE(is_admitted(first));
  const auto after = now_of(subscription);
  EXPECT_EQ(after.subject.starts_at, began);
  EXPECT_EQ(after.subject.expires_at, began + days(30));
  EXPECT_EQ(after.period, began);
  EXPECT_FALSE(after.subject.awaits_use);
  EXPECT_EQ(after.standing, models::subscription_standing::active);
  world.clock.advance(10min);
  ASSERT_TRUE(is_admitted(second, "0000000000000002"));
  ASSERT_TRUE(is_admitted(first, "0000000000000003"));
  EXPECT_EQ(now_of(subscription).subject.starts_at, began);
  EXPECT_EQ(now_of(subscription).subject.expires_at, began + days(30));
  world.clock.advance(days(30));
  EXPECT_EQ(world.devices.renew(gateway, first.answer.device.id).error(),
            errc::subscription_expired);
}

TEST_F(FirstUse, DeviceThatIsRefusedBeginsNothing) {
  const auto device = world.enrol(user, gateway);
  ASSERT_EQ(world.act("subscriptions/" + subscription.subject.id.text() + ":suspend").status, 200);
  EXPECT_FALSE(is_admitted(device));
  ASSERT_EQ(world.act("subscriptions/" + subscription.subject.id.text() + ":resume").status, 200);
  ASSERT_EQ(world.act("devices/" + device.answer.device.id.text() + ":revoke").status, 200);
  EXPECT_FALSE(is_admitted(device));
  EXPECT_TRUE(now_of(subscription).subject.awaits_use);
}

TEST_F(FirstUse, AdmissionsAtOnceAgreeOnOneStart) {
  const auto subject = now_of(subscription).subject;
  const auto earliest = world.clock.system_now() + 1h;
  std::vector<std::thread> together;
  std::atomic<int> failed = 0;
  for (int i = 0; i < 8; ++i) {
    together.emplace_back([&, at = earliest + i * 1min] { failed += begin(subject, at) ? 0 : 1; });
  }
  for (auto& each : together) {
    each.join();
  }
  EXPECT_EQ(failed, 0);
  const auto after = now_of(subscription).subject;
  EXPECT_FALSE(after.awaits_use);
  EXPECT_GE(after.starts_at, earliest);
  EXPECT_EQ(after.expires_at, after.starts_at + days(30));
  ASSERT_TRUE(begin(subject, earliest + days(5)));
  EXPECT_EQ(now_of(subscription).subject.starts_at, after.starts_at);
  EXPECT_EQ(now_of(subscription).subject.expires_at, after.expires_at);
}

TEST_F(FirstUse, GivenStartOrEndHolds) {
  const auto now = world.clock.system_now();
  const auto dated =
      world.accounts.add_subscription(world.admin(), {.user = world.add_user("eve").id,
                                                      .plan = terms.id,
                                                      .starts_at = now + days(1),
                                                      .expires_at = {}});
  EXPECT_FALSE(dated->subject.awaits_use);
  EXPECT_EQ(dated->subject.expires_at, now + days(31));
  const auto bob = world.add_user("bob");
  const auto ending = world.accounts.add_subscription(
      world.admin(),
      {.user = bob.id, .plan = terms.id, .starts_at = {}, .expires_at = now + days(5)});
  EXPECT_TRUE(ending->subject.awaits_use);
  world.clock.advance(days(1));
  ASSERT_TRUE(is_admitted(world.enrol(bob, gateway)));
  EXPECT_EQ(now_of(*ending).subject.starts_at, now + days(1));
  EXPECT_EQ(now_of(*ending).subject.expires_at, now + days(5));
}

TEST_F(FirstUse, IsAChoiceOfThePlanShownAndChanged) {
  const auto path = "plans/" + terms.id.text();
  EXPECT_EQ(world.get(path).text("start"), "first_use");
  const auto made = world.act("plans", R"({"code":"plain","name":"Plain"})");
  EXPECT_EQ(made.text("start"), "now");
  EXPECT_EQ(world.act("plans", R"({"code":"odd","name":"Odd","start":"later"})").status, 422);
  const auto changed =
      world.send("PATCH", path, R"({"start":"now"})", world.get(path).header("ETag"));
  EXPECT_EQ(changed.text("start"), "now") << changed.body;
  EXPECT_NE(world.newest_line("plan.change").after.find(R"("start":"now")"), std::string::npos);
  EXPECT_TRUE(now_of(subscription).subject.awaits_use) << "one that waits goes on waiting";
  EXPECT_NE(world.get("subscriptions/" + subscription.subject.id.text())
                .body.find(R"("awaits_use":true)"),
            std::string::npos);
}

TEST_F(FirstUse, NeedsTheSchemaAndOtherPlansDoNot) {
  ASSERT_TRUE(world.store->migrate_down(services::first_use_schema - 1));
  models::plan wanted{.code = "more", .name = "more"};
  EXPECT_TRUE(world.accounts.add_plan(world.admin(), {.terms = wanted}));
  wanted.code = "most";
  wanted.start = models::plan_start::first_use;
  EXPECT_EQ(world.accounts.add_plan(world.admin(), {.terms = wanted}).error(),
            errc::schema_too_old);
  const auto device = world.enrol(user, gateway);
  EXPECT_TRUE(is_admitted(device));
  EXPECT_TRUE(world.accounts.offer_plan(world.admin(), terms.id, services::plan_offer::withdrawn));
}

}
}
