#include "httvps/backend/services/usage_cross_check.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

using path = std::pair<models::node_id, models::gateway_id>;
using path_map = std::map<path, path_drift>;
using base::byte_count;

byte_count distance(byte_count left, byte_count right) noexcept {
  return std::max(left, right) - std::min(left, right);
}

bool is_far(byte_count reported, byte_count counted) noexcept {
  const auto bytes = distance(reported, counted);
  return bytes > least_drift && bytes > std::max(reported, counted) / drift_parts;
}

path_drift& drift_of(path_map& paths, const models::node_id& node,
                     const models::gateway_id& gateway) {
  return paths.try_emplace(path(node, gateway), path_drift{.node = node, .gateway = gateway})
      .first->second;
}

base::result<> add_reported(store& storage, const std::string& day,
                            const std::set<models::node_id>& counting, path_map& paths) {
  HTTVPS_TRY(const auto shares, read_from(storage, [&](repositories& tables) {
               return tables.hours.by_path({.first = day + "T00", .last = day + "T23"});
             }));
  for (const auto& share : shares) {
    if (counting.contains(share.node)) {
      drift_of(paths, share.node, share.gateway).reported = share.added;
    }
  }
  return {};
}

}

base::result<std::vector<node_reading>> stored_node_counter::counted(const std::string& day) {
  return read_from(storage_,
                   [&](repositories& tables) { return tables.key_counters.counted_on(day); });
}

models::traffic path_drift::bytes() const noexcept {
  return {.up = distance(reported.up, counted.up), .down = distance(reported.down, counted.down)};
}

bool path_drift::is_over_bound() const noexcept {
  return is_far(reported.up, counted.up) || is_far(reported.down, counted.down);
}

base::result<day_drift> compare_with_nodes(store& storage, node_counter& nodes,
                                           const std::string& day) {
  HTTVPS_TRY(const auto readings, nodes.counted(day));
  std::set<models::node_id> counting;
  path_map paths;
  for (const auto& reading : readings) {
    counting.insert(reading.node);
    if (reading.gateway) {
      drift_of(paths, reading.node, *reading.gateway).counted = reading.bytes;
    }
  }
  HTTVPS_CHECK(add_reported(storage, day, counting, paths));
  day_drift found{.day = day, .nodes = counting.size()};
  for (auto& [name, drift] : paths) {
    found.paths.push_back(std::move(drift));
  }
  return found;
}

base::result<bool> usage_cross_check::is_rolled_up(const std::string& day) const {
  HTTVPS_TRY(const auto waiting, read_from(tools_.storage, [](repositories& tables) {
               return tables.backlog.state();
             }));
  return !waiting.oldest || models::day_of(*waiting.oldest) > day;
}

std::string usage_cross_check::last_settled_day() const {
  return models::day_of(tools_.clock.system_now() - counters_settle - std::chrono::days(1));
}

base::result<std::optional<day_drift>> usage_cross_check::run() const {
  if (tools_.storage.schema_version() < key_schema) {
    return std::optional<day_drift>();
  }
  HTTVPS_TRY(auto found, on(std::nullopt));
  return found.is_complete ? std::optional(std::move(found)) : std::nullopt;
}

base::result<day_drift> usage_cross_check::on(const std::optional<std::string>& day) const {
  if (tools_.storage.schema_version() < key_schema) {
    return base::fail(errc::schema_too_old);
  }
  const auto settled = last_settled_day();
  const auto& wanted = day ? *day : settled;
  HTTVPS_TRY(const auto is_complete, is_rolled_up(wanted));
  stored_node_counter counters(tools_.storage);
  HTTVPS_TRY(auto found, compare_with_nodes(tools_.storage, counters, wanted));
  found.is_complete = is_complete && wanted <= settled;
  return found;
}

}
