#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "sim_world.hpp"

namespace httvps::sim {
namespace {

constexpr std::uint64_t default_runs = 150;
constexpr std::uint64_t first_seed = 20'261'121;

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? std::nullopt : std::optional(std::strtoull(text, nullptr, 10));
}

struct family {
  fate what{};
  std::uint64_t salt = 0;
};

void run_family(family which) {
  const auto only = number_from("HTTVPS_SIM_SEED");
  const auto runs = only ? 1 : number_from("HTTVPS_SIM_RUNS").value_or(default_runs);
  outcome total;
  for (std::uint64_t i = 0; i < runs; ++i) {
    const auto seed = only.value_or(first_seed + i);
    const auto one = sim_world(which.what, seed * 4 + which.salt).run();
    ASSERT_EQ(one.failure, "") << "replay with HTTVPS_SIM_SEED=" << seed;
    total.streams += one.streams;
    total.bytes += one.bytes;
    total.carriers += one.carriers;
    total.resets += one.resets;
  }
  fmt::print("{} runs, {} stream ends, {} bytes, {} carriers, {} resets\n", runs, total.streams,
             total.bytes, total.carriers, total.resets);
  EXPECT_GE(total.carriers, runs);
}

TEST(WireSim, StreamsAreExactOnOneCarrier) {
  run_family({.what = fate::lives, .salt = 0});
}

TEST(WireSim, StreamsAreExactOverLostCarriers) {
  run_family({.what = fate::resumes, .salt = 1});
}

TEST(WireSim, LostCarrierEndsEverythingWithItsName) {
  run_family({.what = fate::loses_its_carrier, .salt = 2});
}

TEST(WireSim, SessionThatIsNotResumedEndsAfterItsGrace) {
  run_family({.what = fate::is_never_resumed, .salt = 3});
}

}
}
