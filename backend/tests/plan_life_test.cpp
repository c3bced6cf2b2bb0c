#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "httvps/backend/services/errc.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::api_reply;
using test_support::life_world;

class PlanLife : public testing::Test {
 protected:
  std::string path() const { return "plans/" + terms.id.text(); }
  std::string tag() const { return world.get(path()).header("ETag"); }
  api_reply change(const std::string& body) const {
    return world.send("PATCH", path(), body, tag());
  }

  life_world world;
  models::plan terms = world.add_plan({.quota_bytes = 1000, .device_limit = 2});
};

TEST_F(PlanLife, ChangesEveryTerm) {
  const auto reply = change(R"({"code":"gold","name":"Gold","quota_bytes":null,"offline_bytes":7,
      "reset":"week","duration_days":30,"device_limit":5,"session_limit":6,"up_bps":9000,
      "down_bps":9001,"regions":["eu","us"]})");
  ASSERT_EQ(reply.status, 200) << reply.body;
  const auto plan = world.accounts.plan(terms.id).value();
  EXPECT_EQ(plan.code, "gold");
  EXPECT_EQ(plan.name, "Gold");
  EXPECT_FALSE(plan.quota_bytes);
  EXPECT_EQ(plan.offline_bytes, 7U);
  EXPECT_EQ(plan.reset, models::reset_period::week);
  EXPECT_EQ(plan.duration_days, 30U);
  EXPECT_EQ(plan.device_limit, 5U);
  EXPECT_EQ(plan.session_limit, 6U);
  EXPECT_EQ(plan.up_bps, 9000U);
  EXPECT_EQ(plan.down_bps, 9001U);
  EXPECT_EQ(plan.regions, (std::vector<std::string>{"eu", "us"}));
  const auto line = world.newest_line("plan.change");
  EXPECT_NE(line.before.find("\"quota_bytes\":1000"), std::string::npos);
  EXPECT_NE(line.after.find("\"quota_bytes\":null"), std::string::npos);
}

TEST_F(PlanLife, ChangeAndRemovalDemandATag) {
  EXPECT_EQ(world.send("PATCH", path(), "{}").status, 428);
  EXPECT_EQ(world.send("PATCH", path(), "{}").code(), "precondition_required");
  EXPECT_EQ(world.send("DELETE", path()).status, 428);
  EXPECT_EQ(world.send("DELETE", path(), "", "\"old\"").status, 412);
  EXPECT_EQ(world.get(path()).status, 200);
}

TEST_F(PlanLife, BadTermsAreNamed) {
  const auto reply = change(
      R"({"code":null,"quota_bytes":-1,"reset":"never","device_limit":0,"regions":["Bad One"]})");
  EXPECT_EQ(reply.status, 422);
  for (const auto* pointer :
       {"\"/code\"", "\"/quota_bytes\"", "\"/reset\"", "\"/device_limit\"", "\"/regions/0\""}) {
    EXPECT_NE(reply.body.find(pointer), std::string::npos) << reply.body;
  }
}

TEST_F(PlanLife, ChangeHoldsForLiveSubscriptionsAtOnce) {
  const auto user = world.add_user();
  const auto subscription = world.subscribe(user, terms);
  ASSERT_EQ(change(R"({"quota_bytes":5000})").status, 200);
  EXPECT_EQ(world.accounts.subscription(subscription.subject.id)->terms.quota_bytes, 5000U);
  const auto gateway = world.join().gateway;
  const auto device = world.enrol(user, gateway);
  ASSERT_EQ(change(R"({"regions":["us"]})").status, 200);
  EXPECT_TRUE(std::holds_alternative<services::denied_device>(
      world.validate(gateway, device.answer.token)));
}

TEST_F(PlanLife, IsRemovedWhenNoSubscriptionRefersToIt) {
  const auto user = world.add_user();
  world.subscribe(user, terms);
  const auto refused = world.send("DELETE", path(), "", tag());
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.code(), "plan_in_use");
  const auto other = world.add_plan({.code = "other"});
  EXPECT_EQ(world.send("DELETE", "plans/" + other.id.text(), "", "*").status, 204);
  EXPECT_EQ(world.get("plans/" + other.id.text()).code(), "plan_not_found");
  EXPECT_NE(world.newest_line("plan.delete").before.find("other"), std::string::npos);
}

TEST_F(PlanLife, RetiredPlanTakesNoNewSubscriptionUntilItIsRestored) {
  const auto user = world.add_user();
  const auto retired = world.act(path() + ":retire");
  EXPECT_EQ(retired.text("state"), "retired") << retired.body;
  const services::new_subscription wanted{
      .user = user.id, .plan = terms.id, .starts_at = {}, .expires_at = {}};
  EXPECT_EQ(world.accounts.add_subscription(world.admin(), wanted).error(), errc::plan_retired);
  const auto again = world.act(path() + ":retire");
  EXPECT_EQ(again.header("ETag"), retired.header("ETag"));
  EXPECT_EQ(world.act(path() + ":restore").text("state"), "active");
  EXPECT_TRUE(world.accounts.add_subscription(world.admin(), wanted));
}

TEST_F(PlanLife, OfTwoChangesAtOnceWithTheSameTagOneIsRefused) {
  const auto present = tag();
  std::atomic<int> done = 0;
  std::atomic<int> refused = 0;
  const auto change_to = [&](const std::string& name) {
    const auto reply = world.send("PATCH", path(), R"({"name":")" + name + R"("})", present);
    done += reply.status == 200 ? 1 : 0;
    refused += reply.status == 412 ? 1 : 0;
  };
  {
    const std::jthread one([&] { change_to("one"); });
    const std::jthread other([&] { change_to("other"); });
  }
  EXPECT_EQ(done, 1);
  EXPECT_EQ(refused, 1);
}

}
}
