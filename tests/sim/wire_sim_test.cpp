#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>

#include "sim_world.hpp"

namespace httvps::sim {
namespace {

constexpr std::uint64_t default_runs = 1500;
constexpr std::uint64_t first_seed = 20'261'121;

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  return text == nullptr ? std::nullopt : std::optional(std::strtoull(text, nullptr, 10));
}

struct family {
  fate what{};
  std::uint64_t salt = 0;
};

outcome& operator+=(outcome& total, const outcome& one) {
  total.streams += one.streams;
  total.bytes += one.bytes;
  total.carriers += one.carriers;
  total.resets += one.resets;
  total.cuts += one.cuts;
  total.freezes += one.freezes;
  total.repeated_hellos += one.repeated_hellos;
  total.late_frames += one.late_frames;
  total.seen += one.seen;
  return total;
}

void print(std::uint64_t runs, const outcome& total) {
  fmt::print(
      "{} runs, {} stream ends, {} bytes, {} carriers, {} resets, {} cuts, {} resumes, {} freezes, "
      "{} suspicions, {} retirements, {} repeated HELLOs, {} HELLOs before WELCOME, {} refused, "
      "{} late flights, {} slow readers\n",
      runs, total.streams, total.bytes, total.carriers, total.resets, total.cuts,
      total.seen.resumes, total.freezes, total.seen.suspicions, total.seen.retirements,
      total.repeated_hellos, total.seen.early_hellos, total.seen.refused_hellos, total.late_frames,
      total.seen.slow_readers);
}

outcome run_family(family which) {
  const auto only = number_from("HTTVPS_SIM_SEED");
  const auto runs = only ? 1 : number_from("HTTVPS_SIM_RUNS").value_or(default_runs);
  outcome total;
  for (std::uint64_t i = 0; i < runs && total.failure.empty(); ++i) {
    const auto seed = only.value_or(first_seed + i);
    const auto one = sim_world(which.what, seed * 8 + which.salt).run();
    EXPECT_EQ(one.failure, "") << "replay with HTTVPS_SIM_SEED=" << seed;
    total += one;
    total.failure = one.failure;
  }
  print(runs, total);
  EXPECT_GE(total.carriers, runs);
  EXPECT_GT(total.seen.slow_readers, 0U);
  return total;
}

TEST(WireSim, StreamsAreExactOnCarriersThatLive) {
  run_family({.what = fate::lives, .salt = 0});
}

TEST(WireSim, StreamsAreExactOverLostCarriers) {
  const auto total = run_family({.what = fate::resumes, .salt = 1});
  EXPECT_GT(total.cuts, 0U);
  EXPECT_GT(total.seen.resumes, 0U);
  EXPECT_GT(total.repeated_hellos, 0U);
  EXPECT_GT(total.seen.early_hellos, 0U);
  EXPECT_GT(total.late_frames, 0U);
}

TEST(WireSim, LostCarrierEndsEverythingWithItsName) {
  run_family({.what = fate::loses_its_carrier, .salt = 2});
}

TEST(WireSim, SessionThatIsNotResumedEndsAfterItsGrace) {
  run_family({.what = fate::is_never_resumed, .salt = 3});
}

TEST(WireSim, StreamsMoveToCarriersThatSurvive) {
  const auto total = run_family({.what = fate::survives_on_another, .salt = 4});
  EXPECT_GT(total.cuts, 0U);
  EXPECT_GT(total.late_frames, 0U);
  EXPECT_GT(total.repeated_hellos, 0U);
}

TEST(WireSim, FrozenCarriersCostNoByte) {
  const auto total = run_family({.what = fate::freezes, .salt = 5});
  EXPECT_GT(total.freezes, 0U);
  EXPECT_GT(total.seen.suspicions, 0U);
}

TEST(WireSim, RetiredCarriersAreLeftBeforeTheyBreak) {
  const auto total = run_family({.what = fate::rotates, .salt = 6});
  EXPECT_GT(total.seen.retirements, 0U);
}

}
}
