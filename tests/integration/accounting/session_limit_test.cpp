#include <gtest/gtest.h>

#include <algorithm>

#include "accounting/support/accounting_world.hpp"

namespace httvps::testing {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;
using tunnels = std::vector<tunnel*>;

constexpr auto limit_holds_within = seconds(10);
constexpr auto silence_counts_for = seconds(30);
const std::map<std::string, std::string> usual = {{"GATEWAY_HEARTBEAT_INTERVAL", "5000"}};

struct SessionLimit : ::testing::Test {
  std::unique_ptr<tunnel> open_at(const gateway_process& at) {
    auto made = world.connect_to(at);
    EXPECT_TRUE(made->wait_until_open()) << at.log();
    return made;
  }

  static void let_run(const tunnels& all, milliseconds time) {
    const auto end = clock::now() + time;
    while (clock::now() < end) {
      for (auto* each : all) {
        each->let_run(milliseconds(5));
      }
    }
  }
  static bool runs_until_over(tunnel& one, tunnels others) {
    const auto end = clock::now() + limit_holds_within;
    others.push_back(&one);
    while (!one.farewell() && clock::now() < end) {
      let_run(others, milliseconds(20));
    }
    return one.farewell() && one.farewell()->code == wire::errc::session_limit;
  }
  static std::size_t still_open(const tunnels& all) {
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [](const tunnel* each) { return each->is_open() && !each->farewell(); }));
  }

  accounting_world world{usual, {{"session_limit", 2}}};
  std::unique_ptr<gateway_process> second = world.add_gateway("second");
};

TEST_F(SessionLimit, HoldsOverTwoGateways) {
  const auto oldest = open_at(world.gateway);
  const auto middle = open_at(world.gateway);
  const auto newest = open_at(*second);
  EXPECT_TRUE(runs_until_over(*oldest, {middle.get(), newest.get()})) << world.gateway.log();
  let_run({middle.get(), newest.get()}, seconds(6));
  EXPECT_EQ(still_open({middle.get(), newest.get()}), 2U);
  EXPECT_TRUE(world.transfer(*middle, 1000));
  EXPECT_TRUE(world.transfer(*newest, 1000));
  EXPECT_EQ(world.gateway.metric("httvps_gateway_sessions_recalled_total"), 1);
  EXPECT_EQ(second->metric("httvps_gateway_sessions_recalled_total"), 0);
}

TEST_F(SessionLimit, CountsTheSessionsOfOtherGatewaysAtOnce) {
  const auto here = open_at(world.gateway);
  const auto elsewhere = open_at(*second);
  const auto newest = open_at(world.gateway);
  EXPECT_TRUE(runs_until_over(*here, {elsewhere.get(), newest.get()}));
  EXPECT_EQ(still_open({elsewhere.get(), newest.get()}), 2U);
  EXPECT_EQ(world.gateway.metric("httvps_gateway_sessions_recalled_total"), 0);
}

TEST_F(SessionLimit, SessionsOfAKilledGatewayStopCountingWithItsHeartbeats) {
  const auto oldest = open_at(world.gateway);
  const auto lost = open_at(*second);
  second->kill_at_once();
  let_run({oldest.get()}, silence_counts_for + seconds(2));
  const auto newest = open_at(world.gateway);
  let_run({oldest.get(), newest.get()}, seconds(2));
  EXPECT_EQ(still_open({oldest.get(), newest.get()}), 2U);
}

TEST_F(SessionLimit, HoldsAgainAfterTheBackendStartedAnew) {
  const auto oldest = open_at(world.gateway);
  const auto middle = open_at(world.gateway);
  ASSERT_TRUE(world.wait_until_admissions_are_written());
  world.restart_backend();
  let_run({oldest.get(), middle.get()}, limit_holds_within);
  EXPECT_EQ(still_open({oldest.get(), middle.get()}), 2U);
  const auto newest = open_at(*second);
  EXPECT_TRUE(runs_until_over(*oldest, {middle.get(), newest.get()}));
  EXPECT_EQ(still_open({middle.get(), newest.get()}), 2U);
}

}
}
