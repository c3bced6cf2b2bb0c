#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <string_view>
#include <vector>

#include "loadgen/load.hpp"
#include "loadgen/options.hpp"

namespace {

constexpr int exit_usage = 2;

void print_line(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

}

int main(int count, char** values) {
  using namespace httvps::bench;
  std::signal(SIGPIPE, SIG_IGN);
  const std::vector<std::string_view> arguments(values + 1, values + count);
  const auto options = parse_load_options(arguments);
  if (!options) {
    fmt::print(stderr, "{}\n{}", options.error().message(), load_usage());
    return exit_usage;
  }
  load work(*options);
  work.run();
  print_line(work.report());
  if (options->mode == load_mode::hold) {
    work.hold_until_input_ends();
    print_line(work.report());
  }
  return work.clean() ? 0 : 1;
}
