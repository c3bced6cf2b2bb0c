#include <gtest/gtest.h>

#include "httvps/backend/services/errc.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using services::errc;
using test_support::life_world;

class UserLife : public testing::Test {
 protected:
  std::string path() const { return "users/" + user.id.text(); }
  std::size_t listed(const std::string& query = {}) const {
    const auto body = world.get("users" + query).body;
    std::size_t count = 0;
    for (auto at = body.find("\"id\""); at != std::string::npos; at = body.find("\"id\"", at + 1)) {
      ++count;
    }
    return count;
  }

  life_world world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.device_limit = 3});
  services::subscription_report subscription = world.subscribe(user, terms);
  models::gateway gateway = world.join().gateway;
  test_support::enrolled device = world.enrol(user, gateway);
};

TEST_F(UserLife, DeletedUserLosesDevicesAndSubscriptionAndIsListedOnlyWhenAsked) {
  const auto second = world.enrol(user, gateway);
  const auto version = world.withdrawals.version().value();
  const auto gone = world.send("DELETE", path());
  EXPECT_EQ(gone.status, 204) << gone.body;
  EXPECT_TRUE(gone.body.empty());
  EXPECT_GT(world.withdrawals.version().value(), version);
  EXPECT_TRUE(world.is_withdrawn(gateway, device.answer.device.id));
  EXPECT_TRUE(world.is_withdrawn(gateway, second.answer.device.id));
  EXPECT_EQ(world.get("subscriptions/" + subscription.subject.id.text()).text("standing"),
            "cancelled");
  EXPECT_EQ(world.get(path()).text("state"), "deleted");
  EXPECT_EQ(listed(), 0U);
  EXPECT_EQ(listed("?state=deleted"), 1U);
  EXPECT_EQ(listed("?state=suspended"), 0U);
  EXPECT_EQ(world.devices.renew(gateway, device.answer.device.id).error(), errc::device_revoked);
}

TEST_F(UserLife, DeletionLeavesALineForEachThingThatItEnds) {
  ASSERT_EQ(world.send("DELETE", path()).status, 204);
  const auto line = world.newest_line("user.delete");
  EXPECT_EQ(line.object, user.id.text());
  EXPECT_NE(line.before.find("\"state\":\"active\""), std::string::npos);
  EXPECT_NE(line.after.find("\"state\":\"deleted\""), std::string::npos);
  EXPECT_EQ(world.newest_line("device.revoke").object, device.answer.device.id.text());
  EXPECT_EQ(world.newest_line("subscription.cancel").object, subscription.subject.id.text());
}

TEST_F(UserLife, DeletionTwiceIsTheSameAsOnceAndFreesTheName) {
  ASSERT_EQ(world.send("DELETE", path()).status, 204);
  const auto version = world.withdrawals.version().value();
  EXPECT_EQ(world.send("DELETE", path()).status, 204);
  EXPECT_EQ(world.withdrawals.version().value(), version);
  const auto again = world.add_user(user.name);
  EXPECT_NE(again.id, user.id);
  ASSERT_EQ(world.send("DELETE", "users/" + again.id.text()).status, 204);
  EXPECT_EQ(listed("?state=deleted"), 2U);
}

TEST_F(UserLife, DeletedUserTakesNoChangeAndNoSubscription) {
  ASSERT_EQ(world.send("DELETE", path()).status, 204);
  EXPECT_EQ(world.send("PATCH", path(), R"({"note":"n"})").code(), "user_deleted");
  EXPECT_EQ(world.act(path() + ":resume").code(), "user_deleted");
  EXPECT_EQ(world.act(path() + ":suspend").code(), "user_deleted");
  EXPECT_EQ(
      world.accounts
          .add_subscription(world.admin(),
                            {.user = user.id, .plan = terms.id, .starts_at = {}, .expires_at = {}})
          .error(),
      errc::user_deleted);
  EXPECT_EQ(world.get(path()).text("state"), "deleted");
}

TEST_F(UserLife, StaleTagDeletesNothing) {
  EXPECT_EQ(world.send("DELETE", path(), "", "\"other\"").status, 412);
  EXPECT_EQ(world.get(path()).text("state"), "active");
  EXPECT_FALSE(world.is_withdrawn(gateway, device.answer.device.id));
}

TEST_F(UserLife, ListIsFilteredByStateAndNameAndPaged) {
  world.add_user("adam");
  const auto other = world.add_user("bert");
  ASSERT_TRUE(world.withdrawals.suspend_user(world.admin(), other.id));
  EXPECT_EQ(listed(), 3U);
  EXPECT_EQ(listed("?name_prefix=ada"), 2U);
  EXPECT_EQ(listed("?name_prefix=adam"), 1U);
  EXPECT_EQ(listed("?name_prefix=a%25"), 0U);
  EXPECT_EQ(listed("?state=suspended"), 1U);
  EXPECT_EQ(listed("?state=active&name_prefix=b"), 0U);
  const auto first = world.get("users?name_prefix=ada&page_size=1");
  const auto token = first.text("next_page_token");
  ASSERT_FALSE(token.empty());
  const auto rest = world.get("users?name_prefix=ada&page_size=1&page_token=" + token);
  EXPECT_NE(rest.body.find("adam"), std::string::npos);
  EXPECT_EQ(rest.text("next_page_token"), "");
  EXPECT_EQ(world.get("users?state=gone").status, 422);
}

TEST_F(UserLife, SchemaBeforeServesUsersAndRefusesDeletion) {
  ASSERT_TRUE(world.store->migrate_down(services::life_cycle_schema - 1));
  EXPECT_EQ(world.get(path()).text("state"), "active");
  EXPECT_EQ(listed(), 1U);
  EXPECT_EQ(listed("?state=deleted"), 0U);
  EXPECT_EQ(world.send("PATCH", path(), R"({"note":"n"})").text("note"), "n");
  EXPECT_EQ(world.send("DELETE", path()).code(), "schema_too_old");
  ASSERT_TRUE(world.store->migrate_up());
  EXPECT_EQ(world.send("DELETE", path()).status, 204);
  world.add_user(user.name);
  EXPECT_TRUE(world.store->migrate_down(services::life_cycle_schema - 1));
}

}
}
