#include <gtest/gtest.h>

#include "httvps/backend/services/change_news.hpp"
#include "httvps/backend/services/restored_versions.hpp"
#include "support/deployment.hpp"

namespace httvps::backend {
namespace {

using test_support::deployment;
using names = std::vector<std::string>;

class TermsNews : public testing::Test {
 protected:
  services::change_news news() { return world.withdrawals.news().value().terms; }
  const models::subscription_id& subscribed() const { return subscription.subject.id; }
  void set_rate(std::uint64_t bits_per_second) {
    services::plan_amendment wanted;
    wanted.down_bps.emplace(bits_per_second);
    ASSERT_TRUE(world.accounts.change_plan(world.admin(), terms.id, wanted));
  }
  void set_quota(base::byte_count quota) {
    services::subscription_amendment wanted;
    wanted.quota_bytes.emplace(quota);
    ASSERT_TRUE(world.accounts.change_subscription(world.admin(), subscribed(), wanted));
  }

  deployment world;
  models::user user = world.add_user();
  models::plan terms = world.add_plan({.down_bps = 8'000'000});
  services::subscription_report subscription = world.subscribe(user, terms);
};

TEST_F(TermsNews, NothingIsNewBeforeAChange) {
  EXPECT_EQ(news(), services::change_news{});
}

TEST_F(TermsNews, ChangedPlanAndSubscriptionAreNamedLatestFirst) {
  set_rate(4'000'000);
  EXPECT_EQ(news(), (services::change_news{.version = 1, .changed = {terms.id.text()}}));
  set_quota(1'000'000);
  EXPECT_EQ(news(), (services::change_news{.version = 2,
                                           .changed = {subscribed().text(), terms.id.text()}}));
}

TEST_F(TermsNews, ChangeToWhatIsAlreadySoRaisesNothing) {
  set_rate(8'000'000);
  ASSERT_TRUE(world.accounts.change_subscription(world.admin(), subscribed(), {}));
  EXPECT_EQ(news().version, 0U);
}

TEST_F(TermsNews, OnlyTheLatestChangesAreNamed) {
  for (std::uint64_t rate = 1; rate <= services::most_changes_told + 3; ++rate) {
    set_rate(rate);
  }
  EXPECT_EQ(news().version, services::most_changes_told + 3);
  EXPECT_EQ(news().changed, names(services::most_changes_told, terms.id.text()));
}

TEST_F(TermsNews, RestoredDatabaseOutgrowsTheVersionThatGatewaysKnow) {
  set_rate(1);
  ASSERT_TRUE(services::outgrow_earlier_versions(*world.store, world.clock.system_now()));
  EXPECT_GT(news().version, 1'000'000U);
  EXPECT_EQ(news().changed, names{});
}

}
}
