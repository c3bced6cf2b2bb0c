#include <gtest/gtest.h>

#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/backend/services/overview_service.hpp"
#include "support/life_world.hpp"

namespace httvps::backend {
namespace {

using services::attention_kind;
using std::chrono::hours;
using std::chrono::seconds;
using test_support::life_world;

class Overview : public testing::Test {
 protected:
  services::deployment_overview look() { return overview.look().value(); }
  void beat(const models::gateway& gateway, std::uint64_t sessions, const std::string& fault = {}) {
    const auto now = world.clock.system_now();
    ASSERT_TRUE(world.gateways.heartbeat(gateway, {.received_at = now,
                                                   .region = "eu",
                                                   .active_sessions = sessions,
                                                   .last_error = fault,
                                                   .sent_at = now}));
  }
  void book(base::system_time when, std::uint64_t up) {
    ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
      return tables.books.add_to_hours({{.hour = models::hour_of(when),
                                         .node = node.id,
                                         .gateway = north.id,
                                         .added = {.up = up, .down = 0}}});
    }));
  }
  models::gateway pending_gateway() {
    const services::gateway_service strict{
        world.tools, {.secret_hash = services::hash_secret(test_support::join_secret)}};
    return strict.join(world.join_order_for("waits")).value().gateway;
  }

  life_world world;
  models::gateway north = world.join("north").gateway;
  models::gateway south = world.join("south").gateway;
  models::node node = world.add_node("orchard");
  services::overview_service overview{*world.store, world.fleet, world.clock};
};

TEST_F(Overview, CountsUsersByStateAndSessionsOfGatewaysThatAreHeard) {
  const auto ada = world.add_user("ada");
  world.add_user("bob");
  ASSERT_TRUE(world.withdrawals.suspend_user(world.admin(), ada.id));
  beat(north, 5);
  beat(south, 7);
  const auto seen = look();
  EXPECT_EQ(seen.figures.active_users, 1U);
  EXPECT_EQ(seen.figures.suspended_users, 1U);
  EXPECT_EQ(seen.figures.deleted_users, 0U);
  EXPECT_EQ(seen.online_sessions, 12U);
  EXPECT_EQ(seen.gateways.serving, 2U);
  EXPECT_EQ(seen.nodes.fit, 1U);
  EXPECT_TRUE(seen.attention.empty());
}

TEST_F(Overview, SumsTodaySevenAndThirtyDaysAndKeepsThemForHalfAMinute) {
  const auto now = world.clock.system_now();
  book(now, 1);
  book(now - hours(24 * 6), 10);
  book(now - hours(24 * 7), 100);
  book(now - hours(24 * 29), 1000);
  book(now - hours(24 * 30), 10'000);
  const auto figures = look().figures;
  EXPECT_EQ(figures.today.up, 1U);
  EXPECT_EQ(figures.seven_days.up, 11U);
  EXPECT_EQ(figures.thirty_days.up, 1111U);
  book(now, 5);
  EXPECT_EQ(look().figures.today.up, 1U);
  world.clock.advance(services::figures_kept_for);
  EXPECT_EQ(look().figures.today.up, 6U);
}

TEST_F(Overview, NamesWhatWantsALookWorstFirst) {
  const auto waiting = pending_gateway();
  beat(south, 2);
  world.clock.advance(models::heartbeat_patience + seconds(1));
  beat(north, 1, "spool_disk_full");
  const auto seen = look();
  ASSERT_EQ(seen.attention.size(), 3U);
  EXPECT_EQ(seen.attention[0].kind, attention_kind::gateway_silent);
  EXPECT_EQ(seen.attention[0].object, south.id.text());
  EXPECT_EQ(seen.attention[1].kind, attention_kind::gateway_fault);
  EXPECT_EQ(seen.attention[1].detail, "spool_disk_full");
  EXPECT_EQ(seen.attention[2].kind, attention_kind::gateway_pending);
  EXPECT_EQ(seen.attention[2].object, waiting.id.text());
  EXPECT_EQ(seen.gateways.silent, 1U);
  EXPECT_EQ(seen.gateways.pending, 1U);
}

TEST_F(Overview, NamesClocksThatAreWrong) {
  const auto now = world.clock.system_now();
  const auto tell = [&](const models::gateway& who, std::chrono::seconds ahead) {
    ASSERT_TRUE(world.gateways.heartbeat(
        who, {.received_at = now, .region = who.region, .sent_at = now + ahead}));
  };
  tell(north, services::most_clock_skew);
  tell(south, -services::most_clock_skew);
  EXPECT_TRUE(look().attention.empty());
  tell(north, seconds(41));
  tell(south, -seconds(3600));
  const auto seen = look();
  ASSERT_EQ(seen.attention.size(), 2U);
  for (const auto& each : seen.attention) {
    EXPECT_EQ(each.kind, attention_kind::clock_skewed);
    EXPECT_EQ(each.detail, each.object == north.id.text() ? "41 s ahead" : "3600 s behind");
  }
}

TEST_F(Overview, TellsAtMostTwentyThings) {
  for (int i = 0; i < 25; ++i) {
    world.join("silent-" + std::to_string(i));
  }
  const auto seen = look();
  EXPECT_EQ(seen.gateways.silent, 27U);
  EXPECT_EQ(seen.attention.size(), services::most_attention_items);
}

TEST_F(Overview, IsReadByEveryAdministrator) {
  beat(north, 3);
  const auto told = world.call({.method = "GET",
                                .target = "/api/v1/admin/stats/overview",
                                .token = world.token_of(models::admin_role::read_only)});
  ASSERT_EQ(told.status, 200) << told.body;
  EXPECT_NE(told.body.find(R"("online_sessions":3)"), std::string::npos);
  EXPECT_NE(told.body.find(R"("counted_to":100000)"), std::string::npos);
  EXPECT_NE(told.body.find(R"("kind":"gateway_silent")"), std::string::npos);
}

TEST_F(Overview, CountOfUsersStopsAtItsBound) {
  for (int i = 0; i < 4; ++i) {
    world.add_user("user-" + std::to_string(i));
  }
  const auto counted = world.store->read([](services::repositories& tables) -> base::result<> {
    EXPECT_EQ(tables.users.count({.state = models::user_state::active, .most = 3}).value(), 3U);
    EXPECT_EQ(tables.users.count({.state = models::user_state::active, .most = 9}).value(), 4U);
    return {};
  });
  EXPECT_TRUE(counted);
}

TEST_F(Overview, DriftNamesTheGatewayThatReportedOtherwiseThanTheNode) {
  const auto agent = world.add_agent_node("counting");
  const auto yesterday = world.clock.system_now() - hours(24);
  ASSERT_TRUE(world.store->write([&](services::repositories& tables) {
    return tables.books.add_to_hours({{.hour = models::hour_of(yesterday),
                                       .node = agent.id,
                                       .gateway = south.id,
                                       .added = {.up = 3U << 20U, .down = 5}}});
  }));
  const auto told = world.get("stats/drift?day=" + models::day_of(yesterday)).body;
  EXPECT_NE(told.find(R"("is_complete":true,"nodes_compared":1,"paths_compared":1,)"
                      R"("paths_over_bound":1)"),
            std::string::npos)
      << told;
  EXPECT_NE(told.find(R"("gateway_id":")" + south.id.text() +
                      R"(","reported":{"up":3145728,"down":5},"counted":{"up":0,"down":0})"),
            std::string::npos)
      << told;
  const auto today = world.get("stats/drift?day=" + models::day_of(world.clock.system_now())).body;
  EXPECT_NE(today.find(R"("is_complete":false)"), std::string::npos) << today;
  EXPECT_NE(today.find(R"("worst":[])"), std::string::npos) << today;
  EXPECT_EQ(world.get("stats/drift?day=2026-13-99").status, 422);
}

}
}
