#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <set>

#include "httvps/backend/models/enum_text.hpp"
#include "support/copied_subscriptions.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using models::reset_period;
using models::subscription_standing;
using services::subscription_report;
using std::chrono::hours;
using std::chrono::microseconds;
using id_set = std::set<std::string>;

constexpr base::byte_count quota = 1000;
constexpr subscription_standing every_standing[] = {
    subscription_standing::pending,   subscription_standing::active,
    subscription_standing::limited,   subscription_standing::expired,
    subscription_standing::suspended, subscription_standing::cancelled};

base::system_time date(int year, unsigned month, unsigned day) {
  const std::chrono::sys_days midnight =
      std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  return base::system_time(midnight.time_since_epoch());
}

class SubscriptionStandings : public testing::Test {
 protected:
  subscription_report add(const models::plan& terms,
                          std::optional<base::system_time> starts_at = {}) {
    const auto owner = world.add_user("owner " + std::to_string(++owners));
    return world.accounts
        .add_subscription(
            world.admin(),
            {.user = owner.id, .plan = terms.id, .starts_at = starts_at, .expires_at = {}})
        .value();
  }
  models::plan plan_of(reset_period reset) {
    return world.add_plan({.code = models::enum_text(reset), .quota_bytes = quota, .reset = reset});
  }
  void store(const models::subscription& changed) {
    ASSERT_TRUE(world.store->write(
        [&](services::repositories& tables) { return tables.subscriptions.update(changed); }));
  }
  void use(const subscription_report& report, const models::traffic& added) {
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      return tables.books.add_to_periods(
          {{.subscription = report.subject.id, .period = report.period, .added = added}});
    }));
  }
  subscription_report now(const subscription_report& report) {
    return world.accounts.subscription(report.subject.id).value();
  }
  std::vector<subscription_report> listed(std::optional<subscription_standing> standing) {
    return world.accounts.subscriptions({.standing = standing, .wanted = {.size = 100}})
        .value()
        .items;
  }
  services::standing_counts counted() {
    const auto moment = world.clock.system_now();
    return services::read_from(*world.store,
                               [&](services::repositories& tables) {
                                 return tables.figures.subscriptions({}, moment);
                               })
        .value()
        .counts;
  }
  static id_set ids_of(const std::vector<subscription_report>& reports) {
    id_set ids;
    for (const auto& each : reports) {
      ids.insert(each.subject.id.text());
    }
    return ids;
  }
  void expect_agreement() {
    std::map<subscription_standing, id_set> computed;
    for (const auto& each : listed({})) {
      computed[each.standing].insert(each.subject.id.text());
    }
    auto counts = counted();
    for (const auto standing : every_standing) {
      EXPECT_EQ(ids_of(listed(standing)), computed[standing]) << models::enum_text(standing);
      EXPECT_EQ(counts[standing], computed[standing].size()) << models::enum_text(standing);
    }
  }
  void add_one_of_each(const models::plan& terms) {
    add(terms);
    use(add(terms), {.up = 400, .down = 600});
    add(terms, world.clock.system_now() + hours(1));
    auto suspended = add(terms);
    suspended.subject.suspended_at = world.clock.system_now();
    store(suspended.subject);
    use(suspended, {.up = quota, .down = 0});
    auto over = add(terms);
    over.subject.expires_at = world.clock.system_now();
    store(over.subject);
    auto ended = add(terms);
    ended.subject.state = models::subscription_state::ended;
    store(ended.subject);
    ASSERT_TRUE(world.accounts.cancel_subscription(world.admin(), add(terms).subject.id));
  }
  id_set shown(const std::string& query) {
    const auto reply = world.get("subscriptions?" + query);
    EXPECT_EQ(reply.status, 200) << reply.body;
    next_page = reply.text("next_page_token");
    id_set ids;
    for (const auto& each : boost::json::parse(reply.body).at("items").as_array()) {
      ids.emplace(each.at("id").as_string());
    }
    return ids;
  }

  test_support::life_world world;
  std::string next_page;
  int owners = 0;
};

TEST_F(SubscriptionStandings, EachIsListedUnderItsOwnFilterAndNoOther) {
  add_one_of_each(plan_of(reset_period::month));
  const auto all = ids_of(listed({}));
  id_set found;
  for (const auto standing : every_standing) {
    const auto ids = shown("state=" + models::enum_text(standing));
    EXPECT_EQ(ids.size(), standing == subscription_standing::expired ? 2U : 1U)
        << models::enum_text(standing);
    for (const auto& each : ids) {
      EXPECT_TRUE(found.insert(each).second) << "listed twice: " << models::enum_text(standing);
    }
  }
  EXPECT_EQ(found, all);
  expect_agreement();
}

TEST_F(SubscriptionStandings, EndedAreThoseThatALaterOneReplaced) {
  add_one_of_each(plan_of(reset_period::month));
  const auto ended = shown("state=ended");
  EXPECT_EQ(ended.size(), 1U);
  EXPECT_TRUE(shown("state=expired").contains(*ended.begin()));
  EXPECT_EQ(world.get("subscriptions?state=gone").status, 422);
}

TEST_F(SubscriptionStandings, FilterOfAUserAndAStandingHoldsForBoth) {
  const auto terms = plan_of(reset_period::none);
  const auto mine = add(terms);
  add(terms);
  use(mine, {.up = quota, .down = 0});
  const auto user = "user_id=" + mine.subject.user.text();
  EXPECT_EQ(shown(user + "&state=limited"), ids_of({mine}));
  EXPECT_EQ(shown(user + "&state=active"), id_set());
}

TEST_F(SubscriptionStandings, PagesOfAStandingHoldEachOnce) {
  const auto terms = plan_of(reset_period::day);
  id_set limited;
  for (int i = 0; i < 5; ++i) {
    const auto spent = add(terms);
    use(spent, {.up = 0, .down = quota});
    limited.insert(spent.subject.id.text());
    add(terms);
  }
  id_set found;
  std::string place;
  for (const std::size_t expected : {2U, 2U, 1U}) {
    const auto page = shown("state=limited&page_size=2" + place);
    EXPECT_EQ(page.size(), expected);
    found.insert(page.begin(), page.end());
    place = "&page_token=" + next_page;
  }
  EXPECT_TRUE(next_page.empty());
  EXPECT_EQ(found, limited);
}

TEST_F(SubscriptionStandings, PagesThatJudgeFewRowsHoldEachOnce) {
  const auto terms = plan_of(reset_period::day);
  for (int i = 0; i < 4; ++i) {
    add_one_of_each(terms);
    use(add(terms), {.up = 0, .down = quota});
  }
  for (const auto standing : every_standing) {
    std::vector<std::string> found;
    services::subscription_filter filter{
        .standing = standing, .wanted = {.size = 2}, .judged_most = 3};
    for (bool more = true; more;) {
      const auto page = world.accounts.subscriptions(filter).value();
      for (const auto& each : page.items) {
        found.push_back(each.subject.id.text());
      }
      more = page.more;
      filter.wanted.after = page.looked_to.empty() && more ? found.back() : page.looked_to;
    }
    EXPECT_EQ(id_set(found.begin(), found.end()), ids_of(listed(standing)))
        << models::enum_text(standing);
    EXPECT_EQ(found.size(), listed(standing).size()) << models::enum_text(standing);
  }
}

TEST_F(SubscriptionStandings, PageWithoutAFindNamesTheNextOne) {
  const auto terms = plan_of(reset_period::none);
  auto ended = add(terms).subject;
  ended.state = models::subscription_state::ended;
  store(ended);
  ASSERT_TRUE(test_support::insert_copies(world, ended, services::subscriptions_judged_a_page));
  world.clock.advance(hours(1));
  const auto pending = add(terms, world.clock.system_now() + hours(1));
  auto suspended = add(terms);
  suspended.subject.suspended_at = world.clock.system_now();
  store(suspended.subject);
  EXPECT_EQ(shown("state=pending"), id_set());
  ASSERT_FALSE(next_page.empty());
  EXPECT_EQ(shown("state=pending&page_token=" + next_page), ids_of({pending}));
  EXPECT_TRUE(next_page.empty());
  EXPECT_EQ(shown("state=suspended"), ids_of({suspended}));
  EXPECT_TRUE(next_page.empty());
}

TEST_F(SubscriptionStandings, FollowTheQuotaOfTheSubscriptionAndOfThePlanToCome) {
  const auto terms = plan_of(reset_period::month);
  const auto wide = world.add_plan({.code = "wide", .quota_bytes = 2 * quota});
  const auto subject = add(terms);
  use(subject, {.up = quota, .down = 0});
  ASSERT_EQ(now(subject).standing, subscription_standing::limited);
  expect_agreement();
  auto own = now(subject).subject;
  own.quota_bytes = quota + 1;
  store(own);
  ASSERT_EQ(now(subject).standing, subscription_standing::active);
  expect_agreement();
  own.quota_bytes.reset();
  own.next = {.plan = wide.id, .at = world.clock.system_now() + hours(1)};
  store(own);
  ASSERT_EQ(now(subject).standing, subscription_standing::limited);
  expect_agreement();
  world.clock.advance(hours(1));
  ASSERT_EQ(now(subject).standing, subscription_standing::active);
  expect_agreement();
  own.quota_bytes = 0;
  store(own);
  ASSERT_EQ(now(subject).standing, subscription_standing::limited);
  expect_agreement();
}

TEST_F(SubscriptionStandings, CountNeitherWhatWasForgivenNorPastTheLargestNumber) {
  const auto subject = add(plan_of(reset_period::month));
  use(subject, {.up = quota, .down = 5});
  ASSERT_TRUE(world.accounts.reset_usage(world.admin(), subject.subject.id));
  ASSERT_EQ(now(subject).standing, subscription_standing::active);
  expect_agreement();
  use(subject, {.up = quota - 1, .down = 1});
  ASSERT_EQ(now(subject).standing, subscription_standing::limited);
  expect_agreement();
  use(subject, {.up = models::largest_counter, .down = models::largest_counter});
  ASSERT_EQ(now(subject).standing, subscription_standing::limited);
  expect_agreement();
}

TEST_F(SubscriptionStandings, OfEveryPeriodFollowTheCalendar) {
  for (const auto reset : {reset_period::none, reset_period::day, reset_period::week,
                           reset_period::month, reset_period::month_rolling, reset_period::year}) {
    const auto terms = plan_of(reset);
    for (const auto start : {date(2024, 2, 29), date(2025, 12, 31) + hours(23), date(2026, 1, 30),
                             date(2026, 3, 1) - microseconds(1), date(2026, 7, 15) + hours(9)}) {
      add(terms, start);
    }
  }
  std::size_t limited = 0;
  for (const auto moment :
       {date(2027, 1, 30), date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 1),
        date(2027, 3, 30), date(2027, 4, 30), date(2027, 7, 15), date(2027, 12, 31),
        date(2028, 1, 1), date(2028, 2, 28), date(2028, 2, 29), date(2028, 3, 1)}) {
    for (const auto wanted : {moment - microseconds(1), moment}) {
      world.clock.advance(wanted - world.clock.system_now());
      expect_agreement();
      for (const auto& each : listed(subscription_standing::active)) {
        use(each, {.up = quota, .down = 0});
      }
      limited += listed(subscription_standing::limited).size();
    }
  }
  EXPECT_EQ(limited, 12U * 2 * 30);
}

}
}
