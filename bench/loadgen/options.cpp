#include "loadgen/options.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

constexpr std::uint64_t most_sessions = 100'000;

template <typename Value>
using named = std::pair<std::string_view, Value>;

constexpr named<load_mode> modes[] = {{"down", load_mode::download},
                                      {"up", load_mode::upload},
                                      {"conn", load_mode::connect},
                                      {"ttfb", load_mode::first_byte},
                                      {"idle", load_mode::hold}};
constexpr named<proxy_kind> proxies[] = {{"none", proxy_kind::none},
                                         {"socks5", proxy_kind::socks5},
                                         {"connect", proxy_kind::http_connect}};

template <typename Value, std::size_t Size>
base::result<Value> choose(std::string_view name, const named<Value> (&choices)[Size]) {
  const auto* found = std::ranges::find(choices, name, &named<Value>::first);
  if (found == std::end(choices)) {
    return base::fail(errc::invalid_option);
  }
  return found->second;
}

base::result<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || value == 0) {
    return base::fail(errc::invalid_option);
  }
  return value;
}

base::result<void> apply_address(load_options& options, std::string_view name,
                                 std::string_view value) {
  HTTVPS_TRY(const auto address, parse_endpoint(value));
  if (name == "--via") {
    options.entries.push_back(address);
  } else {
    options.target = address;
  }
  return {};
}

base::result<void> apply_number(load_options& options, std::string_view name,
                                std::string_view value) {
  HTTVPS_TRY(const auto amount, number(value));
  if (name == "--conns") {
    options.parallel = amount;
  } else if (name == "--count") {
    options.count = amount;
  } else if (name == "--bytes") {
    options.bytes = amount;
  } else if (name == "--expect") {
    options.expected = amount;
  } else if (name == "--timeout") {
    options.limit = std::chrono::seconds(amount);
  } else {
    return base::fail(errc::invalid_option);
  }
  return {};
}

base::result<void> apply(load_options& options, std::string_view name, std::string_view value) {
  if (name == "--via" || name == "--to") {
    return apply_address(options, name, value);
  }
  if (name == "--path") {
    options.path = value;
    return {};
  }
  if (name == "--proxy") {
    HTTVPS_TRY(options.proxy, choose(value, proxies));
    return {};
  }
  return apply_number(options, name, value);
}

void settle(load_options& options) {
  if (options.mode == load_mode::download || options.mode == load_mode::upload) {
    options.count = options.parallel;
    options.expected = options.bytes / options.parallel;
  }
  if (options.mode == load_mode::first_byte) {
    options.parallel = 1;
  }
  options.parallel = std::min(options.parallel, options.count);
  if (options.proxy == proxy_kind::none && options.entries.empty()) {
    options.entries.push_back(options.target);
  }
}

bool is_complete(const load_options& options) {
  return !options.entries.empty() && options.target.sin_port != 0 && options.expected > 0 &&
         options.count <= most_sessions;
}

}

base::result<load_options> parse_load_options(std::span<const std::string_view> arguments) {
  if (arguments.empty() || arguments.size() % 2 == 0) {
    return base::fail(errc::invalid_option);
  }
  load_options options;
  HTTVPS_TRY(options.mode, choose(arguments[0], modes));
  for (std::size_t at = 1; at < arguments.size(); at += 2) {
    HTTVPS_CHECK(apply(options, arguments[at], arguments[at + 1]));
  }
  settle(options);
  if (!is_complete(options)) {
    return base::fail(errc::invalid_option);
  }
  return options;
}

std::string_view load_usage() noexcept {
  return "bench-loadgen down|up|conn|ttfb|idle --to IP:PORT [--proxy none|socks5|connect]\n"
         "  [--via IP:PORT]...  local entries of the chain, used in turn\n"
         "  [--conns N]         connections at once\n"
         "  [--count N]         sessions in all (conn, ttfb, idle)\n"
         "  [--bytes N]         body bytes in all (down, up)\n"
         "  [--path /file]      file to fetch\n"
         "  [--expect N]        body bytes of one fetch (conn, ttfb, idle; default 64)\n"
         "  [--timeout S]       seconds until open sessions count as lost (default 30)\n"
         "Prints one JSON object. idle prints it when all sessions stand, holds them until "
         "standard\n"
         "input ends, and prints it again.\n";
}

}
