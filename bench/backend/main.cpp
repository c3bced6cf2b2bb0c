#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <exception>
#include <string_view>
#include <vector>

#include "backend/figures.hpp"
#include "support/postgresql_server.hpp"

namespace httvps::bench {
namespace {

constexpr int exit_usage = 2;
constexpr std::size_t most_rows = 10'000'000;

struct step {
  std::string_view name;
  std::function<void(bench_run&)> work;
};

std::vector<step> steps() {
  return {{"rest", &bench_run::measure_rest},
          {"validation", &bench_run::measure_validation},
          {"bare", [](bench_run& run) { run.measure_against_bare(HTTVPS_BARE_SELECT_PROGRAM); }},
          {"assignment", &bench_run::measure_assignment},
          {"arrivals", &bench_run::measure_arrivals},
          {"usage", &bench_run::measure_usage},
          {"lists", &bench_run::measure_lists},
          {"replicas", &bench_run::measure_replicas}};
}

struct choice {
  population people;
  pace paces;
  std::string_view only;
};

bool is_wanted(const choice& chosen, std::string_view name) {
  return chosen.only.empty() || chosen.only.contains(name);
}

void make_short(choice& chosen) {
  using std::chrono::milliseconds;
  chosen.people = {.rows = 5000, .devices = 200, .gateways = 2, .nodes = 3};
  chosen.paces = {.validations_a_second = 100,
                  .assignments_a_second = 50,
                  .batches_a_second = 2,
                  .length = milliseconds(1000),
                  .round = milliseconds(300),
                  .rounds = 1,
                  .arrivals = 50,
                  .list = milliseconds(100),
                  .pages = 11};
}

std::size_t rows_in(std::string_view text) {
  std::size_t rows = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), rows);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? rows : 0;
}

std::optional<choice> parse(const std::vector<std::string_view>& words) {
  choice chosen;
  for (const auto word : words) {
    if (word == "--short") {
      make_short(chosen);
    } else if (word.starts_with("--only=")) {
      chosen.only = word.substr(word.find('=') + 1);
    } else if (word.starts_with("--rows=")) {
      chosen.people.rows = rows_in(word.substr(word.find('=') + 1));
    } else {
      return std::nullopt;
    }
  }
  return chosen;
}

bool is_possible(const population& people) {
  return people.rows >= people.devices && people.rows <= most_rows;
}

bool syncs_to_disk() {
  return test_servers::chosen_durability() == test_servers::postgresql_durability::full;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int measure_all(const choice& chosen) {
  const auto started = std::chrono::steady_clock::now();
  seeded_world world(chosen.people);
  fmt::print(stderr, "seeded after {:.1f} s\n", seconds_since(started));
  measured found;
  bench_run run(world, chosen.paces, found);
  for (const auto& one : steps()) {
    if (is_wanted(chosen, one.name)) {
      one.work(run);
      fmt::print(stderr, "{} after {:.1f} s\n", one.name, seconds_since(started));
    }
  }
  found.add("rows", static_cast<double>(chosen.people.rows));
  found.add("seconds", seconds_since(started));
  fmt::print("{}\n", boost::json::serialize(boost::json::object{{"figures", found.figures},
                                                                {"reasons", found.reasons}}));
  return 0;
}

}
}

int main(int count, char** values) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto chosen = httvps::bench::parse({values + 1, values + count});
  if (!chosen || !httvps::bench::is_possible(chosen->people) || !httvps::bench::syncs_to_disk()) {
    fmt::print(stderr,
               "usage: HTTVPS_TEST_DURABILITY=full bench-backend [--short] [--rows=N] "
               "[--only=rest,validation,...]\n");
    return httvps::bench::exit_usage;
  }
  try {
    return httvps::bench::measure_all(*chosen);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "bench-backend: {}\n", failure.what());
    return 1;
  }
}
