#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "fleet.hpp"

namespace httvps::sim {
namespace {

constexpr std::uint64_t usual_seed = 20'261'128;

std::uint64_t number_from(const char* variable, std::uint64_t fallback) {
  const char* text = std::getenv(variable);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

fleet_size wanted_size() {
  const auto scale = number_from("HTTVPS_SIM_SCALE", 1);
  fleet_size size;
  size.regions *= scale;
  size.gateways *= scale;
  size.nodes *= scale;
  size.devices *= scale;
  return size;
}

class SelectionSim : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto size = wanted_size();
    const auto seed = number_from("HTTVPS_SIM_SEED", usual_seed);
    fmt::print("seed {}: {} gateways, {} nodes, {} devices in {} regions\n", seed, size.gateways,
               size.nodes, size.devices, size.regions);
    world = std::make_unique<fleet>(size, seed);
    world->run_for(600);
  }

  static void TearDownTestSuite() {
    fmt::print("{} decisions, {} refused, {} devices online at the end\n", world->decisions(),
               world->refusals(), world->online());
    world.reset();
  }

  static inline std::unique_ptr<fleet> world;
};

TEST_F(SelectionSim, LoadIsEvenAtEqualWeights) {
  double highest = 0;
  world->run_for(900, [&] { highest = std::max(highest, world->highest_load_over_mean()); });
  fmt::print("highest load over the mean in 15 min: {:.3f}\n", highest);
  EXPECT_LE(highest, 1.15);
  EXPECT_GT(highest, 1.0);
  EXPECT_EQ(world->refusals(), 0U);
}

TEST_F(SelectionSim, DeathOfANodeMovesItsDevicesAndNobodyElse) {
  const auto dead = world->node_of(0, 0);
  world->start_counting_moves();
  world->start_counting_overload();
  const auto depended = world->kill(dead);
  world->run_for(400);
  const auto moved = world->moved_devices();
  fmt::print("devices of the dead node {}, moved {}, longest overload {} s\n", depended, moved,
             world->longest_overload());
  EXPECT_GE(moved, depended / 4);
  EXPECT_LE(static_cast<double>(moved), 1.1 * static_cast<double>(depended));
  EXPECT_LE(world->longest_overload(), 10U);
  EXPECT_EQ(world->count(0, selection::obstacle::out), 1U);
}

TEST_F(SelectionSim, ShareOfAReturningNodeRisesOverAMinute) {
  const auto back = world->node_of(0, 0);
  if (world->node(back).is_alive) {
    world->kill(back);
    world->run_for(400);
  }
  world->revive(back);
  world->start_counting_overload();
  std::vector<double> shares;
  std::optional<std::size_t> full_after;
  std::size_t second = 0;
  world->run_for(600, [&] {
    ++second;
    const double share = static_cast<double>(world->node(back).sessions) /
                         world->mean_load(world->node(back).region);
    if (second % 30 == 0) {
      shares.push_back(share);
    }
    if (!full_after && share >= 0.9) {
      full_after = second;
    }
  });
  fmt::print("share of the returning node each 30 s:");
  for (const auto share : shares) {
    fmt::print(" {:.2f}", share);
  }
  fmt::print("; longest overload {} s\n", world->longest_overload());
  EXPECT_TRUE(!full_after || *full_after >= 60);
  EXPECT_LT(shares[0], shares[3]);
  EXPECT_LT(shares[3], shares[7]);
  EXPECT_GT(shares.back(), 0.25);
  EXPECT_LE(world->longest_overload(), 10U);
}

TEST_F(SelectionSim, NeverMoreThanAThirdIsEjected) {
  const auto nodes = world->nodes_a_region();
  const auto failing = nodes * 4 / 10;
  for (std::size_t i = 0; i < failing; ++i) {
    world->node(world->node_of(1, i)).takes_connects = false;
  }
  std::size_t most = 0;
  world->run_for(180,
                 [&] { most = std::max(most, world->count(1, selection::obstacle::ejected)); });
  for (std::size_t i = 0; i < failing; ++i) {
    world->node(world->node_of(1, i)).takes_connects = true;
  }
  fmt::print("{} of {} nodes fail, {} ejected at most\n", failing, nodes, most);
  EXPECT_EQ(most, nodes / 3);
  world->run_for(400);
  EXPECT_EQ(world->count(1, selection::obstacle::ejected), 0U);
}

TEST_F(SelectionSim, PanicFreezesARegion) {
  const auto silent = world->nodes_a_region() * 6 / 10;
  for (std::size_t i = 0; i < silent; ++i) {
    world->node(world->node_of(2, i)).is_heard = false;
  }
  world->start_counting_moves();
  bool was_panicking = false;
  std::size_t most_out = 0;
  world->run_for(180, [&] {
    was_panicking = was_panicking || world->is_panicking(2);
    most_out = std::max(most_out, world->count(2, selection::obstacle::out));
  });
  const auto moved = world->moved_devices_in(2);
  for (std::size_t i = 0; i < silent; ++i) {
    world->node(world->node_of(2, i)).is_heard = true;
  }
  fmt::print("{} nodes silent: {} out at most, {} devices moved\n", silent, most_out, moved);
  EXPECT_TRUE(was_panicking);
  EXPECT_EQ(most_out, 0U);
  EXPECT_EQ(moved, 0U);
  world->run_for(30);
  EXPECT_FALSE(world->is_panicking(2));
}

}
}
