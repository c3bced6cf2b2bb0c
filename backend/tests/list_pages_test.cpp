#include <gtest/gtest.h>

#include <algorithm>

#include "httvps/backend/services/usage_roll_up.hpp"
#include "support/metered_world.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using services::usage_filter;

struct ListPages : ::testing::Test, protected test_support::metered_world {
  std::vector<std::string> names_with(const std::string& prefix) {
    const auto found = world.accounts.users({.name_prefix = prefix});
    std::vector<std::string> names;
    for (const auto& each : found->items) {
      names.push_back(each.name);
    }
    std::ranges::sort(names);
    return names;
  }

  std::vector<models::usage_row> all_pages(const usage_filter& filter) {
    std::vector<models::usage_row> rows;
    models::page_request wanted{.after = "", .size = 1};
    for (bool more = true; more;) {
      const auto summary = world.usage.summary(filter, wanted);
      more = summary->rows.more;
      totals.push_back(summary->total);
      for (const auto& row : summary->rows.items) {
        rows.push_back(row);
        wanted.after = row.day + "/" + row.device.text() + "/" + row.node.text();
      }
    }
    return rows;
  }

  const usage_filter everything{.first_day = "0", .last_day = "9"};
  std::vector<traffic> totals;
};

TEST_F(ListPages, NamePrefixComparesLettersNotALanguage) {
  for (const auto* name : {"B-1", "b-1", "b 1", "b_1", "ba", "\xc3\xa1"}) {
    world.add_user(name);
  }
  EXPECT_EQ(names_with("b"), (std::vector<std::string>{"b 1", "b-1", "b_1", "ba"}));
  EXPECT_EQ(names_with("b-"), std::vector<std::string>{"b-1"});
  EXPECT_EQ(names_with("B"), std::vector<std::string>{"B-1"});
  EXPECT_EQ(names_with("\xc3\xa1"), std::vector<std::string>{"\xc3\xa1"});
}

TEST_F(ListPages, PagesOfUsageHoldEachRowOnceAcrossDaysAndWhatWaits) {
  const auto second = world.add_node("second");
  auto elsewhere = line(2, {.up = 7, .down = 1}, token);
  elsewhere.node = second.id;
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 10, .down = 1}, token), elsewhere})));
  ASSERT_TRUE(services::usage_roll_up(world.tools).run());
  ASSERT_TRUE(report(batch(2, {line(1, {.up = 15, .down = 2})})));
  world.clock.advance(std::chrono::days(1));
  ASSERT_TRUE(report(batch(3, {line(1, {.up = 20, .down = 3})})));
  const auto rows = all_pages(everything);
  ASSERT_EQ(rows.size(), 3U);
  traffic sum;
  for (const auto& row : rows) {
    sum = models::saturating_sum(sum, row.counted);
  }
  EXPECT_EQ(sum, (traffic{.up = 27, .down = 4}));
  EXPECT_EQ(std::ranges::count(totals, sum), 3);
  EXPECT_TRUE(std::ranges::is_sorted(
      rows, [](const auto& left, const auto& right) { return left.day < right.day; }));
}

TEST_F(ListPages, LaterPagesShowTheTotalOfTheFirst) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 10, .down = 1}, token)})));
  EXPECT_EQ(world.usage.summary(everything, {})->total, (traffic{.up = 10, .down = 1}));
  ASSERT_TRUE(report(batch(2, {line(1, {.up = 30, .down = 1})})));
  EXPECT_EQ(world.usage.summary(everything, {.after = "0/a/b"})->total,
            (traffic{.up = 10, .down = 1}));
  EXPECT_EQ(world.usage.summary(everything, {})->total, (traffic{.up = 30, .down = 1}));
}

TEST_F(ListPages, SubscriptionsOfAPageAreReportedAsEachAlone) {
  ASSERT_TRUE(report(batch(1, {line(1, {.up = 10, .down = 1}, token)})));
  const auto metered =
      world.add_plan({.code = "day", .quota_bytes = 5, .reset = models::reset_period::day});
  world.subscribe(world.add_user("grace"), metered);
  const auto page = world.accounts.subscriptions({});
  ASSERT_EQ(page->items.size(), 2U);
  for (const auto& each : page->items) {
    const auto alone = world.accounts.subscription(each.subject.id);
    EXPECT_EQ(each.used, alone->used);
    EXPECT_EQ(each.standing, alone->standing);
    EXPECT_EQ(each.terms.id, alone->terms.id);
    EXPECT_EQ(each.period, alone->period);
  }
}

}
}
