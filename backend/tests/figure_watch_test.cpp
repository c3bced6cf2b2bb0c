#include "figure_watch.hpp"

#include <gtest/gtest.h>

#include "support/copied_subscriptions.hpp"
#include "support/counting_world.hpp"

namespace httvps::backend {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::seconds;

class FigureWatch : public testing::Test, protected test_support::counting_world {
 protected:
  bool shows(const std::string& line) const {
    return metrics.expose().find("\nhttvps_backend_" + line + "\n") != std::string::npos;
  }
  bool names(const std::string& name) const {
    return metrics.expose().find("httvps_backend_" + name) != std::string::npos;
  }
  models::subscription add(const std::string& name) {
    return world.subscribe(world.add_user(name), terms).subject;
  }
  void store(const models::subscription& changed) {
    ASSERT_TRUE(world.store->write(
        [&](services::repositories& tables) { return tables.subscriptions.update(changed); }));
  }

  base::metric_registry metrics;
  bool counts_for_all = true;
  core::figure_watch watch{world.tools, metrics, [this] { return counts_for_all; }};
};

TEST_F(FigureWatch, SaysNothingOfTheDatabaseBeforeItLooked) {
  for (const auto* name : {"keys", "subscriptions", "config_generation_skew"}) {
    EXPECT_FALSE(names(name)) << name;
  }
  EXPECT_FALSE(names("key_age_seconds{kind=\"access\"}"));
  EXPECT_TRUE(names("key_age_seconds{kind=\"signing\"}"));
}

TEST_F(FigureWatch, CountsKeysByStateAndTellsTheOldestActiveOne) {
  world.clock.advance(hours(2));
  ASSERT_TRUE(watch.look());
  EXPECT_TRUE(shows("keys{state=\"active\"} 1"));
  EXPECT_TRUE(shows("keys{state=\"pending\"} 0"));
  EXPECT_TRUE(shows("keys{state=\"retiring\"} 0"));
  EXPECT_TRUE(shows("key_age_seconds{kind=\"access\"} 7200"));
  EXPECT_TRUE(shows("config_generation_skew 0"));
  world.clock.advance(hours(1));
  EXPECT_TRUE(shows("key_age_seconds{kind=\"access\"} 10800"));
}

TEST_F(FigureWatch, TellsHowFarTheKeysOfANodeInUseAreBehind) {
  world.clock.advance(days(7));
  ASSERT_TRUE(world.keys.maintain());
  ASSERT_TRUE(watch.look());
  EXPECT_TRUE(shows("keys{state=\"pending\"} 1"));
  EXPECT_TRUE(shows("config_generation_skew 1"));
  agent.roll_out();
  ASSERT_TRUE(watch.look());
  EXPECT_TRUE(shows("keys{state=\"retiring\"} 1"));
  EXPECT_TRUE(shows("config_generation_skew 0"));
  auto disabled = counting;
  disabled.state = models::node_state::disabled;
  world.clock.advance(days(7));
  ASSERT_TRUE(world.keys.maintain());
  ASSERT_TRUE(world.store->write(
      [&](services::repositories& tables) { return tables.nodes.update(disabled); }));
  ASSERT_TRUE(watch.look());
  EXPECT_TRUE(shows("config_generation_skew 0"));
}

TEST_F(FigureWatch, CountsSubscriptionsByTheirStanding) {
  const auto now = world.clock.system_now();
  auto suspended = add("bea");
  suspended.suspended_at = now;
  suspended.expires_at = now - hours(1);
  store(suspended);
  auto over = add("cid");
  over.expires_at = now;
  store(over);
  auto ended = add("dan");
  ended.state = models::subscription_state::ended;
  store(ended);
  auto cancelled = add("eve");
  cancelled.state = models::subscription_state::cancelled;
  cancelled.suspended_at = now;
  store(cancelled);
  auto later = add("fay");
  later.starts_at = now + hours(1);
  store(later);
  auto waiting = add("gus");
  waiting.awaits_use = true;
  store(waiting);
  auto spent = add("hal");
  spent.quota_bytes = 0;
  store(spent);
  ASSERT_TRUE(watch.count_some());
  EXPECT_TRUE(shows("subscriptions{state=\"active\"} 1")) << metrics.expose();
  EXPECT_TRUE(shows("subscriptions{state=\"pending\"} 2"));
  EXPECT_TRUE(shows("subscriptions{state=\"limited\"} 1"));
  EXPECT_TRUE(shows("subscriptions{state=\"expired\"} 2"));
  EXPECT_TRUE(shows("subscriptions{state=\"suspended\"} 1"));
  EXPECT_TRUE(shows("subscriptions{state=\"cancelled\"} 1"));
  world.clock.advance(hours(1));
  ASSERT_TRUE(watch.count_some());
  EXPECT_TRUE(shows("subscriptions{state=\"active\"} 2"));
}

TEST_F(FigureWatch, RestsAMinuteBetweenTwoCounts) {
  ASSERT_TRUE(watch.count_some());
  add("bea");
  world.clock.advance(seconds(59));
  ASSERT_TRUE(watch.count_some());
  EXPECT_TRUE(shows("subscriptions{state=\"active\"} 1"));
  world.clock.advance(seconds(1));
  ASSERT_TRUE(watch.count_some());
  EXPECT_TRUE(shows("subscriptions{state=\"active\"} 2"));
}

TEST_F(FigureWatch, ShowsACountOnlyWhenAllAreCounted) {
  auto cancelled = add("bea");
  cancelled.state = models::subscription_state::cancelled;
  store(cancelled);
  ASSERT_TRUE(test_support::insert_copies(world, cancelled, 4999));
  ASSERT_TRUE(watch.count_some());
  EXPECT_FALSE(names("subscriptions"));
  ASSERT_TRUE(watch.count_some());
  EXPECT_TRUE(shows("subscriptions{state=\"active\"} 1")) << metrics.expose();
  EXPECT_TRUE(shows("subscriptions{state=\"cancelled\"} 5000"));
}

TEST_F(FigureWatch, ShowsSubscriptionsOnlyWhileItCountsForAll) {
  counts_for_all = false;
  ASSERT_TRUE(watch.count_some());
  EXPECT_FALSE(names("subscriptions"));
  counts_for_all = true;
  EXPECT_FALSE(names("subscriptions")) << "nothing was counted yet";
  ASSERT_TRUE(watch.count_some());
  EXPECT_TRUE(shows("subscriptions{state=\"active\"} 1"));
  counts_for_all = false;
  EXPECT_FALSE(names("subscriptions")) << "another process counts now";
  ASSERT_TRUE(watch.count_some());
  counts_for_all = true;
  EXPECT_FALSE(names("subscriptions")) << "what was counted long ago is gone";
  ASSERT_TRUE(watch.count_some());
  EXPECT_TRUE(shows("subscriptions{state=\"active\"} 1"));
}

}
}
