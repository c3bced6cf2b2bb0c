#include "httvps/backend/services/usage_months.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <map>

#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

namespace json = boost::json;
using models::traffic;
using std::chrono::days;
using test_support::api_reply;
using test_support::life_world;

class UsageMonths : public testing::Test {
 protected:
  UsageMonths() { world.subscribe(user, world.add_plan({.device_limit = 4})); }

  static traffic of(std::uint64_t up) { return {.up = up, .down = up / 2}; }
  void book(const std::string& day, const models::device_id& device, const traffic& counted) {
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      return tables.books.add_to_days(
          {{.day = day, .device = device, .node = orchard.id, .counted = counted}});
    }));
  }
  traffic in_days() {
    const auto total = services::read_from(*world.store, [](services::repositories& tables) {
      return tables.ledger.total({.first_day = "0000-01-01",
                                  .last_day = "9999-12-31",
                                  .sources = services::usage_sources::days_alone});
    });
    return total.value();
  }
  std::vector<models::monthly_share> in_months(const services::month_filter& filter = {}) const {
    return world.usage.months(filter, {.after = "", .size = 1000}).value().items;
  }
  std::string day_back(int count) const {
    return models::day_of(world.clock.system_now() - days(count));
  }

  life_world world;
  models::user user = world.add_user("ada");
  models::gateway gateway = world.join("gate").gateway;
  models::node orchard = world.add_node("orchard");
  services::usage_months months{world.tools, days(35)};
};

TEST_F(UsageMonths, TakeOverWhatIsOlderThanItsDays) {
  const auto device = world.enrol(user, gateway).answer.device.id;
  book(day_back(35), device, of(10));
  book(day_back(36), device, of(100));
  book(day_back(66), device, of(1000));
  EXPECT_EQ(months.run(), 2U);
  EXPECT_EQ(in_days(), of(10));
  const auto kept = in_months();
  traffic all;
  for (const auto& each : kept) {
    EXPECT_EQ(each.device, device);
    EXPECT_EQ(each.node, orchard.id);
    all = models::saturating_sum(all, each.counted);
  }
  EXPECT_EQ(all, of(1100));
  EXPECT_EQ(months.run(), 0U);
  EXPECT_EQ(in_months().size(), kept.size());
}

TEST_F(UsageMonths, AddUpDaysOfAMonthByDeviceInSeveralSweeps) {
  const auto phone = world.enrol(user, gateway).answer.device.id;
  const auto tablet = world.enrol(user, gateway).answer.device.id;
  book("2025-02-01", phone, of(2));
  book("2025-02-28", phone, of(4));
  book("2025-02-28", tablet, of(8));
  book("2025-03-01", phone, of(16));
  EXPECT_EQ(months.run(), 4U);
  book("2025-02-14", phone, of(32));
  EXPECT_EQ(months.run(), 1U);
  std::map<std::pair<std::string, models::device_id>, traffic> seen;
  for (const auto& each : in_months()) {
    seen[{each.month, each.device}] = each.counted;
  }
  EXPECT_EQ(seen.size(), 3U);
  EXPECT_EQ((seen[{"2025-02", phone}]), of(38));
  EXPECT_EQ((seen[{"2025-02", tablet}]), of(8));
  EXPECT_EQ((seen[{"2025-03", phone}]), of(16));
}

TEST_F(UsageMonths, SumsStopAtTheLargestCounter) {
  const auto device = world.enrol(user, gateway).answer.device.id;
  const traffic most{.up = models::largest_counter, .down = 1};
  book("2025-02-01", device, most);
  book("2025-02-02", device, most);
  ASSERT_TRUE(months.run());
  EXPECT_EQ(in_months().at(0).counted, (traffic{.up = models::largest_counter, .down = 2}));
}

TEST_F(UsageMonths, ASweepTakesABoundedNumberOfRowsAndLosesNone) {
  const auto device = world.enrol(user, gateway).answer.device.id;
  for (int i = 0; i < 7; ++i) {
    book("2025-02-0" + std::to_string(i + 1), device, of(2));
  }
  const auto moved = services::write_to(*world.store, [](services::repositories& tables) {
    return tables.months.take_over({.before = "2025-02-07", .most = 4});
  });
  EXPECT_EQ(moved, 4U);
  EXPECT_EQ(in_days(), of(6));
  EXPECT_EQ(in_months().at(0).counted, of(8));
  EXPECT_EQ(months.run(), 3U);
  EXPECT_EQ(in_days(), traffic());
  EXPECT_EQ(in_months().at(0).counted, of(14));
}

TEST_F(UsageMonths, AreListedByMonthDeviceAndNodeAndPaged) {
  const auto device = world.enrol(user, gateway).answer.device.id;
  for (const auto* day : {"2025-01-05", "2025-02-05", "2025-03-05"}) {
    book(day, device, of(2));
  }
  ASSERT_TRUE(months.run());
  std::string token;
  std::vector<std::string> seen;
  do {
    const auto page = world.get("usage/monthly?page_size=2&page_token=" + token);
    ASSERT_EQ(page.status, 200) << page.body;
    for (const auto& each : json::parse(page.body).as_object().at("items").as_array()) {
      seen.emplace_back(each.at("month").as_string());
    }
    token = page.text("next_page_token");
  } while (!token.empty());
  EXPECT_EQ(seen, (std::vector<std::string>{"2025-01", "2025-02", "2025-03"}));
  EXPECT_EQ(in_months({.first_month = "2025-02", .last_month = "2025-02"}).size(), 1U);
  EXPECT_EQ(in_months({.device = device}).size(), 3U);
  EXPECT_EQ(world.get("usage/monthly?first_month=2025-13").status, 422);
}

TEST_F(UsageMonths, ComeBackAsDaysWhenTheMigrationIsTakenBack) {
  const auto device = world.enrol(user, gateway).answer.device.id;
  book("2025-02-14", device, of(32));
  ASSERT_TRUE(months.run());
  ASSERT_EQ(in_days(), traffic());
  ASSERT_TRUE(world.store->migrate_down(services::usage_month_schema - 1));
  EXPECT_EQ(in_days(), of(32));
  EXPECT_EQ(months.run(), 0U);
  EXPECT_EQ(world.get("usage/monthly").code(), "schema_too_old");
}

}
}
