#include <gtest/gtest.h>

#include <map>
#include <set>

#include "httvps/backend/services/errc.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using test_support::life_world;

class UsageHours : public testing::Test {
 protected:
  models::hourly_share share(const std::string& hour, const models::node& node,
                             const models::gateway& gateway, std::uint64_t up) {
    return {.hour = hour, .node = node.id, .gateway = gateway.id, .added = {.up = up, .down = 1}};
  }
  void book(const std::vector<models::hourly_share>& shares) {
    ASSERT_TRUE(world.store->write(
        [&](services::repositories& tables) { return tables.books.add_to_hours(shares); }));
  }
  static std::size_t count(const std::string& body, const std::string& text) {
    std::size_t found = 0;
    for (auto at = body.find(text); at != std::string::npos; at = body.find(text, at + 1)) {
      ++found;
    }
    return found;
  }

  life_world world;
  models::gateway north = world.join("north").gateway;
  models::gateway south = world.join("south").gateway;
  models::node orchard = world.add_node("orchard");
  models::node meadow = world.add_node("meadow");
};

TEST_F(UsageHours, AreThoseOfTheDayByHourNodeAndGateway) {
  book({share("2026-11-20T23", orchard, north, 5), share("2026-11-21T00", orchard, north, 7),
        share("2026-11-21T23", meadow, south, 9), share("2026-11-22T00", orchard, north, 11)});
  const auto told = world.get("usage/hourly?day=2026-11-21");
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_EQ(count(told.body, R"("hour":)"), 2U);
  EXPECT_NE(told.body.find(R"("hour":"2026-11-21T00")"), std::string::npos);
  EXPECT_NE(told.body.find(R"("up":9)"), std::string::npos);
  EXPECT_EQ(told.text("next_page_token"), "");
}

TEST_F(UsageHours, ArePagedWithoutLossAndWithoutRepeats) {
  std::vector<models::hourly_share> all;
  for (const auto* hour : {"2026-11-21T03", "2026-11-21T04", "2026-11-21T17"}) {
    for (const auto* node : {&orchard, &meadow}) {
      for (const auto* gateway : {&north, &south}) {
        all.push_back(share(hour, *node, *gateway, 1));
      }
    }
  }
  book(all);
  std::set<std::string> seen;
  models::page_request wanted{.after = "", .size = 5};
  for (bool more = true; more;) {
    const auto page = world.usage.hours({.day = "2026-11-21"}, wanted).value();
    for (const auto& each : page.items) {
      EXPECT_TRUE(seen.insert(services::key_of(each)).second);
    }
    more = page.more;
    wanted.after = services::key_of(page.items.back());
  }
  EXPECT_EQ(seen.size(), all.size());
}

TEST_F(UsageHours, AreFilteredByNodeAndGateway) {
  book({share("2026-11-21T01", orchard, north, 3), share("2026-11-21T01", orchard, south, 4),
        share("2026-11-21T02", meadow, north, 5)});
  const auto by_node =
      world.usage.hours({.day = "2026-11-21", .node = orchard.id}, {.after = "", .size = 10});
  EXPECT_EQ(by_node.value().items.size(), 2U);
  const auto by_both = world.usage.hours(
      {.day = "2026-11-21", .node = orchard.id, .gateway = south.id}, {.after = "", .size = 10});
  ASSERT_EQ(by_both.value().items.size(), 1U);
  EXPECT_EQ(by_both.value().items.front().added.up, 4U);
}

TEST_F(UsageHours, AreSummedByNodeAndGatewayBetweenTwoHours) {
  constexpr std::uint64_t large = std::uint64_t{5} << 32U;
  book({share("2026-11-20T23", orchard, north, 1000), share("2026-11-21T00", orchard, north, large),
        share("2026-11-21T11", orchard, north, large + 3),
        share("2026-11-21T11", orchard, south, 7), share("2026-11-21T23", meadow, north, 9),
        share("2026-11-22T00", meadow, north, 1000)});
  const auto sums = services::read_from(*world.store, [](services::repositories& tables) {
    return tables.hours.by_path({.first = "2026-11-21T00", .last = "2026-11-21T23"});
  });
  ASSERT_TRUE(sums);
  ASSERT_EQ(sums->size(), 3U);
  std::map<std::pair<models::node_id, models::gateway_id>, models::traffic> by_path;
  for (const auto& each : *sums) {
    by_path[{each.node, each.gateway}] = each.added;
  }
  EXPECT_EQ(by_path.at({orchard.id, north.id}), (models::traffic{.up = 2 * large + 3, .down = 2}));
  EXPECT_EQ(by_path.at({orchard.id, south.id}), (models::traffic{.up = 7, .down = 1}));
  EXPECT_EQ(by_path.at({meadow.id, north.id}), (models::traffic{.up = 9, .down = 1}));
}

TEST_F(UsageHours, SumsOfAPathStopAtTheLargestCounter) {
  constexpr auto most = models::largest_counter;
  book(
      {share("2026-11-21T00", orchard, north, most), share("2026-11-21T01", orchard, north, most)});
  const auto sums = services::read_from(*world.store, [](services::repositories& tables) {
    return tables.hours.by_path({.first = "2026-11-21T00", .last = "2026-11-21T23"});
  });
  ASSERT_TRUE(sums);
  ASSERT_EQ(sums->size(), 1U);
  EXPECT_EQ(sums->front().added.up, most);
}

TEST_F(UsageHours, WantADayThatIsOne) {
  EXPECT_EQ(world.get("usage/hourly").status, 422);
  const auto wrong = world.get("usage/hourly?day=2026-13-01");
  EXPECT_EQ(wrong.status, 422);
  EXPECT_NE(wrong.body.find(R"("/day")"), std::string::npos) << wrong.body;
}

}
}
