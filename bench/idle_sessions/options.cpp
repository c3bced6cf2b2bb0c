#include "idle_sessions/options.hpp"

#include <charconv>

#include "common/error.hpp"

namespace httvps::bench {
namespace {

base::result<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) {
    return base::fail(errc::invalid_option);
  }
  return value;
}

base::result<> apply_number(idle_options& options, std::string_view name, std::string_view value) {
  HTTVPS_TRY(const auto amount, number(value));
  if (name == "--count" && amount > 0) {
    options.sessions = amount;
  } else if (name == "--streams") {
    options.streams = amount;
  } else if (name == "--at-once" && amount > 0) {
    options.at_once = amount;
  } else if (name == "--rate" && amount > 0) {
    options.a_second = amount;
  } else if (name == "--fetch-pause" && amount > 0) {
    options.fetch_pause = std::chrono::milliseconds(amount);
  } else if (name == "--timeout" && amount > 0) {
    options.limit = std::chrono::seconds(amount);
  } else {
    return base::fail(errc::invalid_option);
  }
  return {};
}

base::result<> apply(idle_options& options, std::string_view name, std::string_view value) {
  if (name == "--state") {
    options.states.emplace_back(value);
    return {};
  }
  if (name == "--connect-to") {
    HTTVPS_TRY(options.connect_to, net::parse_endpoint(value));
    return {};
  }
  if (name == "--carrier") {
    options.kind = value == "http2" ? sdk::carrier_kind::http2 : sdk::carrier_kind::http1;
    return value == "http1" || value == "http2" ? base::result<>()
                                                : base::fail(errc::invalid_option);
  }
  if (name == "--fetch") {
    options.fetched_path = value;
    return {};
  }
  if (name == "--target") {
    HTTVPS_TRY(options.target, net::parse_endpoint(value));
    return {};
  }
  return apply_number(options, name, value);
}

}

base::result<idle_options> parse_idle_options(std::span<const std::string_view> arguments) {
  idle_options options;
  for (std::size_t at = 0; at + 1 < arguments.size(); at += 2) {
    HTTVPS_CHECK(apply(options, arguments[at], arguments[at + 1]));
  }
  const bool paired = arguments.size() % 2 == 0;
  const bool needs_target = options.streams > 0 || !options.fetched_path.empty();
  const bool aimed = !needs_target || options.target.has_value();
  if (!paired || !aimed || options.states.empty()) {
    return base::fail(errc::invalid_option);
  }
  return options;
}

std::string_view idle_usage() noexcept {
  return "bench-idle-sessions --state DIR [--state DIR ...] --count SESSIONS\n"
         "    [--streams N --target HOST:PORT]  idle streams on each session\n"
         "    [--fetch PATH --target HOST:PORT] each session fetches PATH over and over, then says "
         "how\n"
         "                                      long that took\n"
         "    [--fetch-pause MILLISECONDS]      from one fetch of a session to its next (1000)\n"
         "    [--carrier http1|http2]           kind of the one carrier of each session (http1)\n"
         "    [--connect-to HOST:PORT]          dial there instead of the configured address\n"
         "    [--at-once N]                     dials under way at once (16)\n"
         "    [--rate N]                        sessions that arrive a second, at fixed moments\n"
         "    [--timeout SECONDS]               until all are up (120)\n"
         "Prints one line of JSON when all are up, holds them until the standard input ends or\n"
         "SIGTERM comes, then prints the line again.\n";
}

}
