#include "httvps/node/keys/server_metrics.hpp"

#include <algorithm>

#include "httvps/node/keys/errc.hpp"
#include "metric_line.hpp"

namespace httvps::node {
namespace {

constexpr double count_most = 9.2e18;

std::uint64_t whole(double value) noexcept {
  return static_cast<std::uint64_t>(std::min(value, count_most));
}

base::byte_count* place_of(key_traffic& traffic, std::string_view direction) noexcept {
  if (direction == "p>t") {
    return &traffic.up;
  }
  if (direction == "p<t") {
    return &traffic.down;
  }
  if (direction == "c>p") {
    return &traffic.wire_up;
  }
  return direction == "c<p" ? &traffic.wire_down : nullptr;
}

base::result<void> add_traffic(const metric_line& line, server_metrics& into) {
  const auto key = line.label("access_key");
  if (key.empty()) {
    return {};
  }
  auto held = into.traffic.find(key);
  if (held == into.traffic.end()) {
    if (into.traffic.size() == counted_keys_most) {
      return base::fail(keys_errc::metrics_too_large);
    }
    held = into.traffic.emplace(key, key_traffic{}).first;
  }
  auto* place = place_of(held->second, line.label("dir"));
  if (place == nullptr) {
    return base::fail(keys_errc::metrics_malformed);
  }
  *place += whole(line.value);
  return {};
}

bool is_of_interest(std::string_view name) noexcept {
  return name == "shadowsocks_data_bytes" || name == "shadowsocks_keys" ||
         name == "shadowsocks_tcp_connections_opened" ||
         name == "shadowsocks_tcp_connections_closed" ||
         name == "shadowsocks_udp_nat_entries_added" ||
         name == "shadowsocks_udp_nat_entries_removed";
}

base::result<void> read_line(std::string_view text, server_metrics& into) {
  HTTVPS_TRY(const auto line, parse_metric_line(text));
  if (line.name == "shadowsocks_data_bytes") {
    return add_traffic(line, into);
  }
  if (line.name == "shadowsocks_keys") {
    into.loaded_keys = whole(line.value);
  } else if (line.name.ends_with("_opened") || line.name.ends_with("_added")) {
    into.opened += whole(line.value);
  } else {
    into.closed += whole(line.value);
  }
  return {};
}

std::string_view take_line(std::string_view& text) noexcept {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) {
    line.remove_suffix(1);
  }
  return line;
}

}

key_traffic sum(const key_traffic& left, const key_traffic& right) noexcept {
  return {.up = left.up + right.up,
          .down = left.down + right.down,
          .wire_up = left.wire_up + right.wire_up,
          .wire_down = left.wire_down + right.wire_down};
}

bool is_any_less(const key_traffic& left, const key_traffic& right) noexcept {
  return left.up < right.up || left.down < right.down || left.wire_up < right.wire_up ||
         left.wire_down < right.wire_down;
}

base::result<server_metrics> read_server_metrics(std::string_view text) {
  if (text.size() > metrics_text_most) {
    return base::fail(keys_errc::metrics_too_large);
  }
  server_metrics metrics;
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!is_of_interest(metric_name_of(line))) {
      continue;
    }
    if (line.size() > metrics_line_most) {
      return base::fail(keys_errc::metrics_too_large);
    }
    HTTVPS_CHECK(read_line(line, metrics));
  }
  return metrics;
}

}
