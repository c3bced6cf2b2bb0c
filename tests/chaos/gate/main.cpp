#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <span>
#include <string_view>
#include <vector>

#include "gate/gate.hpp"

namespace {

using namespace httvps;

constexpr int exit_usage = 2;
constexpr std::string_view usage =
    "httvps-gate --to IP:PORT [--listen IP:PORT] [--seed N] [--settings JSON]\n"
    "  relays TCP with delay, rate, cuts, freezes and a cap on connections\n"
    "  prints its address as one JSON line, then answers one JSON object a line\n"
    "  ends when standard input ends\n";

struct options {
  bench::endpoint listen{};
  bench::endpoint target{};
  std::uint64_t seed = 1;
  chaos::settings shape;
};

base::result<std::uint64_t> read_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return base::fail(base::errc::invalid_argument);
  }
  return value;
}

base::result<chaos::settings> read_settings(std::string_view text) {
  boost::system::error_code failure;
  const auto document = boost::json::parse(text, failure);
  if (failure || !document.is_object()) {
    return base::fail(base::errc::invalid_encoding);
  }
  return chaos::changed({}, document.get_object());
}

base::result<void> take_option(options& all, std::string_view name, std::string_view value) {
  if (name == "--to") {
    HTTVPS_TRY(all.target, bench::parse_endpoint(value));
  } else if (name == "--listen") {
    HTTVPS_TRY(all.listen, bench::parse_endpoint(value));
  } else if (name == "--seed") {
    HTTVPS_TRY(all.seed, read_number(value));
  } else if (name == "--settings") {
    HTTVPS_TRY(all.shape, read_settings(value));
  } else {
    return base::fail(base::errc::unknown_setting);
  }
  return {};
}

base::result<options> read_options(std::span<const std::string_view> words) {
  options all;
  HTTVPS_TRY(all.listen, bench::parse_endpoint("127.0.0.1:0"));
  if (words.size() % 2 != 0) {
    return base::fail(base::errc::invalid_argument);
  }
  for (std::size_t at = 0; at < words.size(); at += 2) {
    HTTVPS_CHECK(take_option(all, words[at], words[at + 1]));
  }
  if (all.target.sin_port == 0) {
    return base::fail(base::errc::invalid_argument);
  }
  return all;
}

void allow_many_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

base::result<void> serve(const options& all) {
  HTTVPS_TRY(auto listener, bench::listen_on(all.listen));
  HTTVPS_TRY(const auto bound, bench::bound_address(listener));
  fmt::print("{{\"listen\":\"{}\",\"seed\":{}}}\n", bench::to_text(bound), all.seed);
  std::fflush(stdout);
  chaos::gate(
      {.listener = std::move(listener), .target = all.target, .shape = all.shape, .seed = all.seed})
      .run();
  return {};
}

}

int main(int count, char** values) {
  std::signal(SIGPIPE, SIG_IGN);
  allow_many_descriptors();
  const std::vector<std::string_view> words(values + 1, values + count);
  const auto all = read_options(words);
  if (!all) {
    fmt::print(stderr, "{}\n{}", all.error().message(), usage);
    return exit_usage;
  }
  const auto served = serve(*all);
  if (!served) {
    fmt::print(stderr, "{}\n", served.error().message());
  }
  return served ? 0 : 1;
}
