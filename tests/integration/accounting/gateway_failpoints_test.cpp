#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "accounting/support/accounting_world.hpp"
#include "httvps/gateway/usage/failpoints.hpp"

namespace httvps::testing {
namespace {

namespace points = gateway::usage_failpoint;

constexpr int killed = 128 + SIGKILL;
constexpr auto exit_limit = std::chrono::seconds(15);

const std::map<std::string, std::string> unhurried = {{"GATEWAY_USAGE_INTERVAL", "1000"},
                                                      {"GATEWAY_USAGE_SYNC", "1000"},
                                                      {"GATEWAY_USAGE_RETRY", "100"}};

const std::set<std::string_view> before_the_sync = {points::before_append, points::after_append,
                                                    points::before_seal, points::before_sync};
const std::set<std::string_view> while_trimming = {points::before_trim, points::after_trim};

std::string line_for(std::string_view point, std::string_view action) {
  return std::string(point).append(" ").append(action).append("\n");
}

class KilledGateway : public ::testing::TestWithParam<std::string_view> {
 protected:
  bool settle_first_round() {
    device = world.connect();
    other = world.connect(1);
    return device->wait_until_open() && world.transfer(*device, 30'000) &&
           other->wait_until_open() && world.transfer(*other, 11'000, 1) &&
           world.wait_until_booked(world.truth()) &&
           world.gateway.wait_for_metric("httvps_gateway_usage_batches_total", 1);
  }

  bool is_killed() { return world.gateway.wait_for_exit(exit_limit) == killed; }

  void die_at_the_point() {
    world.tell_failpoints(line_for(GetParam(), "kill"));
    ASSERT_TRUE(world.transfer(*device, 7'000));
    ASSERT_TRUE(is_killed()) << GetParam() << " was never reached";
  }

  void die_while_trimming() {
    world.tell_failpoints(line_for(points::before_send, "drop"));
    ASSERT_TRUE(world.transfer(*device, 7'000));
    ASSERT_TRUE(world.gateway.wait_for_metric("httvps_gateway_usage_batches_retried_total", 1));
    world.gateway.kill_at_once();
    world.tell_failpoints(line_for(GetParam(), "kill"));
    world.gateway.start_again();
    ASSERT_TRUE(is_killed()) << GetParam() << " was never reached";
  }

  accounting_world world{unhurried};
  std::unique_ptr<tunnel> device;
  std::unique_ptr<tunnel> other;
};

TEST_P(KilledGateway, LosesNothingThatWasSyncedAndDoublesNothing) {
  ASSERT_TRUE(settle_first_round());
  const auto synced = world.truth();
  ASSERT_NO_FATAL_FAILURE(while_trimming.contains(GetParam()) ? die_while_trimming()
                                                              : die_at_the_point());
  const auto truth = world.truth();
  world.tell_failpoints("");
  ASSERT_TRUE(world.restart_gateway());
  ASSERT_TRUE(world.wait_until_nothing_waits());
  const auto booked = world.booked();
  EXPECT_EQ(booked.quarantined, usage_totals{});
  if (before_the_sync.contains(GetParam())) {
    EXPECT_GE(booked.total.up, synced.up);
    EXPECT_GE(booked.total.down, synced.down);
    EXPECT_LE(booked.total.up, truth.up);
    EXPECT_LE(booked.total.down, truth.down);
  } else {
    EXPECT_EQ(booked.total, truth);
    EXPECT_EQ(booked.books, world.carried());
  }
  device = world.connect();
  ASSERT_TRUE(device->wait_until_open());
  ASSERT_TRUE(world.transfer(*device, 5'000));
  EXPECT_TRUE(
      world.wait_until_booked({.up = booked.total.up + world.truth().up - truth.up,
                               .down = booked.total.down + world.truth().down - truth.down}));
}

INSTANTIATE_TEST_SUITE_P(AtEachFailpoint, KilledGateway, ::testing::ValuesIn(points::all),
                         [](const auto& named) {
                           std::string name(named.param.substr(sizeof("gateway.usage")));
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

class DroppedStep : public ::testing::TestWithParam<std::string_view> {
 protected:
  accounting_world world{{{"GATEWAY_USAGE_RETRY", "100"}}};
};

TEST_P(DroppedStep, IsMadeUpForOnceItWorksAgain) {
  const auto device = world.connect();
  ASSERT_TRUE(device->wait_until_open());
  ASSERT_TRUE(world.transfer(*device, 1'000));
  world.tell_failpoints(line_for(GetParam(), "drop"));
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(world.transfer(*device, 2'000));
    device->let_run(std::chrono::milliseconds(150));
  }
  world.tell_failpoints("");
  ASSERT_TRUE(world.transfer(*device, 500));
  EXPECT_TRUE(world.wait_until_booked(world.truth()));
  world.gateway.terminate();
  EXPECT_EQ(world.gateway.wait_for_exit(exit_limit), 0);
  EXPECT_EQ(world.booked().total, world.truth());
  EXPECT_EQ(world.booked().books, world.carried());
}

INSTANTIATE_TEST_SUITE_P(AtEachStep, DroppedStep,
                         ::testing::Values(points::before_append, points::before_sync,
                                           points::before_send, points::after_send,
                                           points::before_acknowledge),
                         [](const auto& named) {
                           std::string name(named.param.substr(sizeof("gateway.usage")));
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST(SlowDisk, DoesNotHoldUpTheRelay) {
  accounting_world world{{}};
  const auto device = world.connect();
  ASSERT_TRUE(device->wait_until_open());
  world.tell_failpoints(line_for(points::before_append, "delay 4000"));
  ASSERT_TRUE(world.transfer(*device, 1'000));
  device->let_run(std::chrono::milliseconds(400));
  const auto started = std::chrono::steady_clock::now();
  ASSERT_TRUE(world.transfer(*device, 1'000'000));
  EXPECT_GE(world.gateway.metric("httvps_gateway_bytes_up_total"), 1'001'000);
  EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::milliseconds(2500));
  EXPECT_EQ(world.booked().total, usage_totals{});
  world.tell_failpoints("");
  EXPECT_TRUE(world.wait_until_booked(world.truth()));
}

}
}
