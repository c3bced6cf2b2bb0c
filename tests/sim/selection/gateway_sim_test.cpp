#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "gateway_fleet.hpp"

namespace httvps::sim {
namespace {

constexpr std::uint64_t usual_seed = 20'261'129;

std::uint64_t number_from(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

class GatewaySim : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto scale = number_from("HTTVPS_SIM_SCALE", 1);
    const auto seed = number_from("HTTVPS_SIM_SEED", usual_seed);
    gateway_fleet_size size;
    size.regions *= scale;
    size.gateways *= scale;
    size.devices *= scale;
    fmt::print("seed {}: {} gateways, {} devices in {} regions\n", seed, size.gateways,
               size.devices, size.regions);
    world = std::make_unique<gateway_fleet>(size, seed);
    world->run_for(600);
  }
  static void TearDownTestSuite() {
    fmt::print("{} enrolments, {} refused\n", world->enrolments(), world->refusals());
    world.reset();
  }
  static double share_of(std::size_t index) {
    const auto& one = world->gateway(index);
    return static_cast<double>(one.sessions) / world->mean_load(one.region);
  }
  static double enrolled_share_of(std::size_t index) {
    const auto& one = world->gateway(index);
    return static_cast<double>(one.enrolled) / world->mean_enrolled(one.region);
  }

  static inline std::unique_ptr<gateway_fleet> world;
};

TEST_F(GatewaySim, LoadIsEvenAtEqualWeights) {
  double highest = 0;
  world->run_for(900, [&] { highest = std::max(highest, world->highest_load_over_mean()); });
  fmt::print("highest load over the mean in 15 min: {:.3f}\n", highest);
  EXPECT_LE(highest, 1.15);
  EXPECT_GT(highest, 1.0);
  EXPECT_EQ(world->refusals(), 0U);
}

TEST_F(GatewaySim, DeathMovesTheDevicesOfTheDeadOneAndNobodyElse) {
  world->start_counting();
  const auto depended = world->kill(0);
  double highest = 0;
  world->run_for(400, [&] { highest = std::max(highest, world->highest_load_over_mean()); });
  const auto moved = world->moved();
  fmt::print("devices of the dead gateway {}, moved {}, highest {:.3f}, overloaded for {} s\n",
             depended, moved, highest, world->longest_overload());
  EXPECT_GE(moved, depended / 2);
  EXPECT_LE(static_cast<double>(moved), 1.1 * static_cast<double>(depended));
  EXPECT_LE(world->longest_overload(), 10U);
  EXPECT_EQ(world->gateway(0).sessions, 0U);
  EXPECT_EQ(world->refusals(), 0U);
}

TEST_F(GatewaySim, ShareOfAReturningOneRisesOverAMinute) {
  if (world->gateway(0).is_alive) {
    world->kill(0);
    world->run_for(400);
  }
  world->revive(0);
  world->start_counting();
  std::optional<std::size_t> full_after;
  std::size_t second = 0;
  const auto look = [&] {
    ++second;
    if (!full_after && share_of(0) >= 0.9) {
      full_after = second;
    }
  };
  world->run_for(60, look);
  const auto early = enrolled_share_of(0);
  const auto share_early = share_of(0);
  world->start_counting();
  world->run_for(300, look);
  const auto late = enrolled_share_of(0);
  const auto share_later = share_of(0);
  world->run_for(600, look);
  fmt::print(
      "share of enrolments {:.2f} in the first minute, {:.2f} in the next five; "
      "share of sessions {:.2f}, {:.2f}, {:.2f}; overloaded for {} s\n",
      early, late, share_early, share_later, share_of(0), world->longest_overload());
  EXPECT_LT(early, 0.8 * late);
  EXPECT_GT(late, 1.0);
  EXPECT_LT(late, 4.0);
  EXPECT_TRUE(!full_after || *full_after >= 60);
  EXPECT_LT(share_early, share_later);
  EXPECT_LT(share_later, share_of(0));
  EXPECT_LE(world->longest_overload(), 10U);
}

}
}
