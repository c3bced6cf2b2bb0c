#include "httvps/backend/services/node_days.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "httvps/backend/services/usage_cross_check.hpp"
#include "httvps/backend/services/usage_upkeep.hpp"
#include "support/counting_world.hpp"
#include "usage_keeper.hpp"

namespace httvps::backend {
namespace {

using models::traffic;
using std::chrono::days;
using test_support::mebibyte;

class NodeDays : public testing::Test, protected test_support::counting_world {
 protected:
  static std::string key_of(int number) { return fmt::format("key_{:04}", number); }
  void book(const std::string& day, int number) {
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      return tables.key_counters.add({.day = day,
                                      .node = counting.id,
                                      .key = models::access_key_id::trusted(key_of(number)),
                                      .gateway = gateway.id,
                                      .up = 7,
                                      .down = 9});
    }));
  }
  std::vector<std::string> kept() {
    const auto shares = services::read_from(*world.store, [&](services::repositories& tables) {
      return tables.key_counters.shares(counting.id);
    });
    std::vector<std::string> all;
    for (const auto& share : shares.value()) {
      all.push_back(share.day);
    }
    return all;
  }
  std::string day_back(int count) const {
    return models::day_of(world.clock.system_now() - days(count));
  }
  using day_list = std::vector<std::string>;

  services::node_days forgetter{world.tools, days(35)};
};

TEST_F(NodeDays, GoAfterTheDaysThatAreKept) {
  for (const int back : {0, 34, 35, 36, 400}) {
    book(day_back(back), back);
  }
  EXPECT_EQ(forgetter.forget(), 2U);
  EXPECT_EQ(kept(), (day_list{day_back(35), day_back(34), day_back(0)}));
  EXPECT_EQ(forgetter.forget(), 0U);
}

TEST_F(NodeDays, AStepTakesABoundedNumberOfRowsTheOldestFirst) {
  for (int number = 0; number < 3; ++number) {
    book("2025-02-01", number);
    book("2025-02-02", number);
  }
  const auto step = [&] {
    return services::write_to(*world.store, [](services::repositories& tables) {
      return tables.key_counters.forget_days({.before = "2025-02-02", .most = 2});
    });
  };
  EXPECT_EQ(step(), 2U);
  EXPECT_EQ(kept(), (day_list{"2025-02-01", "2025-02-02", "2025-02-02", "2025-02-02"}));
  EXPECT_EQ(step(), 1U);
  EXPECT_EQ(step(), 0U);
  EXPECT_EQ(kept().size(), 3U);
}

TEST_F(NodeDays, ADayWhoseHoursAreKeptIsStillComparedWithTheNode) {
  const auto day = today();
  carry({.up = 5 * mebibyte, .down = 7});
  count({.up = 5 * mebibyte, .down = 7});
  world.clock.advance(days(40));
  EXPECT_EQ(forgetter.forget(), 0U);
  const auto found = services::usage_cross_check(world.tools).on(day);
  ASSERT_EQ(found->paths.size(), 1U);
  EXPECT_EQ(found->paths.front().bytes(), traffic());
  EXPECT_EQ(services::usage_upkeep(world.tools, {.hours = days(35)}).run()->hours, 1U);
  EXPECT_EQ(forgetter.forget(), 1U);
  EXPECT_TRUE(kept().empty());
}

TEST_F(NodeDays, ADayWhoseBatchesWaitForTheirRollUpIsKept) {
  send({.up = 5 * mebibyte, .down = 7});
  count({.up = 5 * mebibyte, .down = 7});
  world.clock.advance(days(40));
  EXPECT_EQ(forgetter.forget(), 0U);
  EXPECT_EQ(kept().size(), 1U);
}

TEST_F(NodeDays, TheKeeperOfUsageForgetsAndCountsThem) {
  book("2025-02-01", 1);
  base::metric_registry metrics;
  core::usage_keeper keeper(world.tools, {.daily = days(35)}, {.metrics = metrics, .log = {}});
  ASSERT_TRUE(keeper.tidy());
  EXPECT_TRUE(kept().empty());
  EXPECT_NE(metrics.expose().find("httvps_backend_usage_forgotten_node_rows_total 1\n"),
            std::string::npos);
}

}
}
