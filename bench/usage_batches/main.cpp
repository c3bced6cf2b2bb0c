#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>

#include "httvps/backend/services/usage_roll_up.hpp"
#include "support/deployment.hpp"

namespace httvps::bench {
namespace {

using backend::services::usage_report;
using backend::services::usage_roll_up;
using backend::test_support::deployment;

constexpr std::size_t rows_a_batch = 1000;
constexpr std::size_t batches = 100;
constexpr auto roll_up_pause = std::chrono::milliseconds(500);

struct fleet {
  deployment& world;
  backend::models::gateway gateway = world.join().gateway;
  std::vector<backend::models::node> nodes = {world.add_node("one"), world.add_node("two"),
                                              world.add_node("three")};
  std::vector<std::string> tokens = {};
};

void enrol_all(fleet& cast) {
  const auto terms = cast.world.add_plan({.code = "bench"});
  for (std::size_t i = 0; i < rows_a_batch; ++i) {
    const auto user = cast.world.add_user(fmt::format("user {}", i));
    cast.world.subscribe(user, terms);
    cast.tokens.push_back(cast.world.enrol(user, cast.gateway).answer.token);
  }
}

usage_report batch_of(const fleet& cast, std::uint64_t seq) {
  usage_report report{.epoch = "0a", .seq = seq, .lines = {}};
  for (std::size_t i = 0; i < rows_a_batch; ++i) {
    report.lines.push_back({.session = i + 1,
                            .node = cast.nodes[i % cast.nodes.size()].id,
                            .counted = {.up = seq * 1000 + i, .down = seq * 70000 + i},
                            .token = seq == 1 ? std::optional(cast.tokens[i]) : std::nullopt});
  }
  return report;
}

double report_one(fleet& cast, std::uint64_t seq) {
  const auto report = batch_of(cast, seq);
  const auto started = std::chrono::steady_clock::now();
  const auto receipt = cast.world.usage.report(cast.gateway, report);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
  if (!receipt || !receipt->posted || receipt->posted->quarantined > 0 ||
      receipt->acknowledged.acked_through != seq) {
    fmt::print(stderr, "batch {} was not counted\n", seq);
    std::abort();
  }
  return took.count();
}

void print_quantiles(std::string_view title, std::vector<double> times) {
  std::ranges::sort(times);
  const auto at = [&times](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  fmt::print("{}: p50 {:.1f} ms, p95 {:.1f} ms, most {:.1f} ms, {} batches of {} rows\n", title,
             at(0.5), at(0.95), times.back(), times.size(), rows_a_batch);
}

std::vector<double> report_many(fleet& cast, std::uint64_t first) {
  std::vector<double> times;
  for (std::uint64_t seq = first; seq < first + batches; ++seq) {
    times.push_back(report_one(cast, seq));
  }
  return times;
}

std::uint64_t roll_up_until(const std::atomic<bool>& over, const usage_roll_up& worker) {
  std::uint64_t folded = 0;
  while (!over) {
    std::this_thread::sleep_for(roll_up_pause);
    const auto done = worker.run();
    folded += done ? done->batches : 0;
  }
  return folded;
}

void measure(fleet& cast) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  fmt::print("first batch, opens {} sessions: {:.1f} ms\n", rows_a_batch, report_one(cast, 1));
  print_quantiles("alone", report_many(cast, 2));
  const usage_roll_up worker(cast.world.tools);
  const auto started = std::chrono::steady_clock::now();
  const auto backlog = worker.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  fmt::print("roll-up: {} journal rows in {:.2f} s\n", backlog ? backlog->rows : 0, took.count());
  std::atomic<bool> over = false;
  std::uint64_t folded = 0;
  std::jthread beside([&] { folded = roll_up_until(over, worker); });
  print_quantiles("beside the roll-up", report_many(cast, 2 + batches));
  over = true;
  beside.join();
  fmt::print("rolled up beside: {} batches\n", folded);
}

}
}

int main() {
  httvps::backend::test_support::deployment world;
  httvps::bench::fleet cast{.world = world};
  httvps::bench::enrol_all(cast);
  httvps::bench::measure(cast);
  return 0;
}
