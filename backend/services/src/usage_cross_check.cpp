#include "httvps/backend/services/usage_cross_check.hpp"

#include <algorithm>
#include <map>

namespace httvps::backend::services {
namespace {

using traffic_map = std::map<models::node_id, models::traffic>;
using base::byte_count;

byte_count distance(byte_count left, byte_count right) noexcept {
  return std::max(left, right) - std::min(left, right);
}

bool is_far(byte_count reported, byte_count counted) noexcept {
  const auto bytes = distance(reported, counted);
  return bytes > least_drift && bytes > std::max(reported, counted) / drift_parts;
}

base::result<traffic_map> reported_by_node(store& storage, const std::string& day) {
  return read_from(storage, [&](repositories& tables) -> base::result<traffic_map> {
    HTTVPS_TRY(const auto shares, tables.hours.list({.first = day + "T00", .last = day + "T23"}));
    traffic_map nodes;
    for (const auto& share : shares) {
      auto& sum = nodes[share.node];
      sum = models::saturating_sum(sum, share.added);
    }
    return nodes;
  });
}

}

base::result<std::vector<node_reading>> stored_node_counter::counted(const std::string& day) {
  return read_from(storage_,
                   [&](repositories& tables) { return tables.key_counters.counted_on(day); });
}

models::traffic node_drift::bytes() const noexcept {
  return {.up = distance(reported.up, counted.up), .down = distance(reported.down, counted.down)};
}

bool node_drift::is_over_bound() const noexcept {
  return is_far(reported.up, counted.up) || is_far(reported.down, counted.down);
}

base::result<std::vector<node_drift>> compare_with_nodes(store& storage, node_counter& nodes,
                                                         const std::string& day) {
  HTTVPS_TRY(const auto readings, nodes.counted(day));
  HTTVPS_TRY(const auto reported, reported_by_node(storage, day));
  std::vector<node_drift> found;
  found.reserve(readings.size());
  for (const auto& reading : readings) {
    const auto share = reported.find(reading.node);
    found.push_back({.node = reading.node,
                     .reported = share == reported.end() ? models::traffic() : share->second,
                     .counted = reading.bytes});
  }
  return found;
}

base::result<bool> usage_cross_check::is_rolled_up(const std::string& day) const {
  HTTVPS_TRY(const auto waiting, read_from(tools_.storage, [](repositories& tables) {
               return tables.backlog.state();
             }));
  return !waiting.oldest || models::day_of(*waiting.oldest) > day;
}

base::result<std::optional<day_drift>> usage_cross_check::run() const {
  if (tools_.storage.schema_version() < key_schema) {
    return std::optional<day_drift>();
  }
  const auto day =
      models::day_of(tools_.clock.system_now() - counters_settle - std::chrono::days(1));
  HTTVPS_TRY(const auto is_complete, is_rolled_up(day));
  if (!is_complete) {
    return std::optional<day_drift>();
  }
  stored_node_counter counters(tools_.storage);
  HTTVPS_TRY(auto nodes, compare_with_nodes(tools_.storage, counters, day));
  return std::optional(day_drift{.day = day, .nodes = std::move(nodes)});
}

}
