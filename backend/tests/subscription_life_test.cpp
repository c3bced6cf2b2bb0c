#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/life_world.hpp"
#include "support/quota_world.hpp"

namespace httvps::backend {
namespace {

using namespace std::chrono_literals;
using services::errc;
using test_support::api_reply;
using test_support::life_world;
using test_support::quota_world;

constexpr base::byte_count mib = base::mebibyte;

class SubscriptionLife : public testing::Test {
 protected:
  std::string path() const { return "subscriptions/" + subscription.subject.id.text(); }
  api_reply change(const std::string& body) const { return world.send("PATCH", path(), body); }
  services::subscription_report now() const {
    return world.accounts.subscription(subscription.subject.id).value();
  }

  life_world world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan(
      {.quota_bytes = 1000, .reset = models::reset_period::month, .duration_days = 10});
  models::plan larger =
      world.add_plan({.code = "larger", .quota_bytes = 9000, .reset = models::reset_period::month});
  services::subscription_report subscription = world.subscribe(user, terms);
};

TEST_F(SubscriptionLife, ChangesEndAndOwnQuotaAndTakesThemBack) {
  ASSERT_EQ(change(R"({"expires_at":"2190-01-01T00:00:00Z","quota_bytes":5})").status, 200);
  EXPECT_EQ(now().terms.quota_bytes, 5U);
  EXPECT_EQ(base::to_rfc3339(*now().subject.expires_at).substr(0, 10), "2190-01-01");
  const auto reply = change(R"({"expires_at":null,"quota_bytes":null})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(now().terms.quota_bytes, 1000U);
  EXPECT_FALSE(now().subject.expires_at);
  EXPECT_EQ(change(R"({"expires_at":"1999-01-01T00:00:00Z"})").code(), "invalid_dates");
  EXPECT_EQ(change(R"({"plan_id":null})").status, 422);
}

TEST_F(SubscriptionLife, ChangesPlanNowOrAtTheEndOfThePeriod) {
  const auto id = larger.id.text();
  const auto planned = change(R"({"next_plan_id":")" + id + R"("})");
  ASSERT_EQ(planned.status, 200) << planned.body;
  EXPECT_EQ(planned.text("plan_id"), terms.id.text());
  EXPECT_EQ(planned.text("next_plan_id"), id);
  const auto at = now().subject.next->at;
  EXPECT_EQ(at, now().period_end);
  EXPECT_EQ(world.send("DELETE", "plans/" + id, "", "*").code(), "plan_in_use");
  world.clock.advance(at - world.clock.system_now());
  EXPECT_EQ(now().terms.id, larger.id);
  EXPECT_EQ(world.get(path()).text("plan_id"), id);
  EXPECT_EQ(world.get(path()).text("next_plan_id"), "");
  ASSERT_EQ(change(R"({"plan_id":")" + terms.id.text() + R"("})").status, 200);
  EXPECT_EQ(now().terms.id, terms.id);
  EXPECT_FALSE(now().subject.next);
}

TEST_F(SubscriptionLife, PlanThatIsRetiredUnknownOrWithoutPeriodsIsNamed) {
  const auto endless = world.add_plan({.code = "endless"});
  const auto stranger = models::plan_id::make(world.clock.system_now(), world.random);
  ASSERT_TRUE(world.accounts.offer_plan(world.admin(), larger.id, services::plan_offer::withdrawn));
  EXPECT_EQ(change(R"({"plan_id":")" + larger.id.text() + R"("})").code(), "plan_retired");
  EXPECT_EQ(change(R"({"next_plan_id":")" + larger.id.text() + R"("})").code(), "plan_retired");
  EXPECT_EQ(change(R"({"plan_id":")" + stranger.text() + R"("})").code(), "plan_not_found");
  ASSERT_EQ(change(R"({"plan_id":")" + endless.id.text() + R"("})").status, 200);
  EXPECT_EQ(change(R"({"next_plan_id":")" + terms.id.text() + R"("})").code(), "period_endless");
}

TEST_F(SubscriptionLife, IsExtendedFromItsEndOrFromNowWhenItIsOver) {
  const auto end = *now().subject.expires_at;
  ASSERT_EQ(world.act(path() + ":extend", R"({"days":5})").status, 200);
  EXPECT_EQ(now().subject.expires_at, end + 120h);
  world.clock.advance(24h * 100);
  EXPECT_EQ(now().standing, models::subscription_standing::expired);
  ASSERT_EQ(world.act(path() + ":extend", R"({"days":1})").status, 200);
  EXPECT_EQ(now().subject.expires_at, world.clock.system_now() + 24h);
  EXPECT_EQ(now().standing, models::subscription_standing::active);
  EXPECT_EQ(world.act(path() + ":extend", R"({"days":0})").status, 422);
  ASSERT_EQ(change(R"({"expires_at":null})").status, 200);
  EXPECT_EQ(world.act(path() + ":extend", R"({"days":1})").code(), "subscription_endless");
}

TEST_F(SubscriptionLife, SupportExtendsByThirtyDaysAtMostAndChangesNothingElse) {
  const auto support = world.token_of(models::admin_role::support);
  const auto ask = [&](const std::string& method, const std::string& tail,
                       const std::string& body) {
    return world.call({.method = method,
                       .target = "/api/v1/admin/" + path() + tail,
                       .token = support,
                       .body = body});
  };
  EXPECT_EQ(ask("POST", ":extend", R"({"days":30})").status, 200);
  EXPECT_EQ(ask("POST", ":extend", R"({"days":31})").code(), "extension_too_long");
  EXPECT_EQ(ask("POST", ":reset-usage", "").status, 200);
  EXPECT_EQ(ask("POST", ":cancel", "").code(), "role_denied");
  EXPECT_EQ(ask("PATCH", "", "{}").code(), "role_denied");
  EXPECT_EQ(world.act(path() + ":extend", R"({"days":3650})").status, 200);
  for (int i = 0; i < 20; ++i) {
    world.act(path() + ":extend", R"({"days":3650})");
  }
  EXPECT_EQ(world.act(path() + ":extend", R"({"days":3650})").code(), "invalid_dates");
}

TEST_F(SubscriptionLife, CancelledOneRevokesItsDevicesAndIsOverForEver) {
  const auto gateway = world.join().gateway;
  const auto device = world.enrol(user, gateway).answer.device.id;
  const auto cancelled = world.act(path() + ":cancel");
  EXPECT_EQ(cancelled.text("state"), "cancelled") << cancelled.body;
  EXPECT_EQ(cancelled.text("standing"), "cancelled");
  EXPECT_TRUE(world.is_withdrawn(gateway, device));
  EXPECT_EQ(world.act(path() + ":cancel").status, 200);
  EXPECT_EQ(change(R"({"quota_bytes":1})").code(), "subscription_over");
  EXPECT_EQ(world.act(path() + ":extend", R"({"days":1})").code(), "subscription_over");
  EXPECT_EQ(world.act(path() + ":reset-usage").code(), "subscription_over");
  world.subscribe(user, terms);
  const auto listed = [&](const std::string& query) {
    return world.get("subscriptions" + query).body.find(subscription.subject.id.text()) !=
           std::string::npos;
  };
  EXPECT_TRUE(listed("?user_id=" + user.id.text()));
  EXPECT_TRUE(listed("?state=cancelled"));
  EXPECT_FALSE(listed("?state=active"));
  EXPECT_FALSE(listed("?user_id=" + world.add_user("eve").id.text()));
}

TEST_F(SubscriptionLife, SchemaBeforeServesThemAndRefusesWhatItCannotKeep) {
  ASSERT_TRUE(world.store->migrate_down(services::life_cycle_schema - 1));
  EXPECT_EQ(world.get(path()).text("standing"), "active");
  EXPECT_EQ(change(R"({"quota_bytes":1})").code(), "schema_too_old");
  EXPECT_EQ(world.act(path() + ":suspend").text("standing"), "suspended");
  ASSERT_TRUE(world.store->migrate_up());
  EXPECT_EQ(world.act(path() + ":resume").text("standing"), "active");
  EXPECT_EQ(change(R"({"quota_bytes":1})").status, 200);
}

class UsageReset : public testing::Test, protected quota_world {
 protected:
  UsageReset() : quota_world(100 * mib) {}

  services::subscription_report reset() {
    return world.accounts.reset_usage(world.admin(), subscription.subject.id).value();
  }
  base::byte_count drained(const std::string& epoch, base::byte_count used) {
    base::byte_count granted = used;
    for (int i = 0; i < 40; ++i) {
      granted = lease(first, epoch, {.used = granted, .want = 256 * mib}).granted;
    }
    return granted;
  }
};

TEST_F(UsageReset, GivesTheQuotaAgainAndKeepsTheLedgerToTheByte) {
  report(first, "0a", 60 * mib);
  const auto after = reset();
  EXPECT_EQ(after.used.total(), 60 * mib);
  EXPECT_EQ(after.counted.total(), 0U);
  EXPECT_EQ(services::remaining_bytes(after), 100 * mib);
  report(first, "0a", 61 * mib);
  const auto later = world.accounts.subscription(subscription.subject.id).value();
  EXPECT_EQ(later.used.total(), 61 * mib);
  EXPECT_EQ(later.counted.total(), mib);
  EXPECT_EQ(
      world.usage.summary({.first_day = "0000-01-01", .last_day = "9999-12-31"}, {})->total.total(),
      61 * mib);
}

TEST_F(UsageReset, OutstandingLeasesAreDebitedToTheNewQuota) {
  const auto before = lease(first, "0a", {.used = 0, .want = 40 * mib}).granted;
  ASSERT_EQ(before, 40 * mib);
  report(first, "0a", 10 * mib);
  reset();
  const auto granted = drained("0a", 40 * mib);
  EXPECT_EQ(granted, 110 * mib);
  report(first, "0a", granted);
  const auto after = world.accounts.subscription(subscription.subject.id).value();
  EXPECT_EQ(after.counted.total(), 100 * mib);
  EXPECT_EQ(after.used.total(), 110 * mib);
  EXPECT_EQ(after.standing, models::subscription_standing::limited);
}

TEST_F(UsageReset, HoldsForItsPeriodAlone) {
  report(first, "0a", 60 * mib);
  reset();
  world.clock.advance(24h * 32);
  report(first, "0a", 70 * mib);
  EXPECT_EQ(world.accounts.subscription(subscription.subject.id)->counted.total(), 10 * mib);
}

TEST_F(UsageReset, OwnQuotaBoundsLeasesToo) {
  ASSERT_TRUE(world.accounts.change_subscription(world.admin(), subscription.subject.id,
                                                 {.quota_bytes = std::optional(8 * mib)}));
  EXPECT_EQ(drained("0a", 0), 8 * mib);
}

}
}
