#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <string_view>
#include <utility>

#include "common/endpoint.hpp"
#include "sink/sink.hpp"

namespace {

constexpr int exit_usage = 2;

int fail_with(const httvps::base::error& failure) {
  fmt::print(stderr, "{}\nbench-sink IP:PORT  counts uploads; POST /sha256 answers their digest\n",
             failure.message());
  return exit_usage;
}

}

int main(int count, char** values) {
  using namespace httvps::bench;
  std::signal(SIGPIPE, SIG_IGN);
  const auto address = parse_endpoint(count > 1 ? std::string_view(values[1]) : "");
  if (!address) {
    return fail_with(address.error());
  }
  auto listener = listen_on(*address);
  if (!listener) {
    return fail_with(listener.error());
  }
  if (const auto bound = bound_address(*listener)) {
    fmt::print("{}\n", to_text(*bound));
    std::fflush(stdout);
  }
  sink(std::move(*listener)).run();
  return 0;
}
