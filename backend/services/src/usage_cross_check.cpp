#include "httvps/backend/services/usage_cross_check.hpp"

#include <algorithm>
#include <map>

namespace httvps::backend::services {
namespace {

using drift_map = std::map<models::node_id, node_drift>;

double ratio_of(const node_drift& drift) noexcept {
  const auto larger = std::max(drift.reported, drift.counted);
  if (larger < least_compared) {
    return 0;
  }
  return (static_cast<double>(drift.counted) - static_cast<double>(drift.reported)) /
         static_cast<double>(larger);
}

base::result<drift_map> reported_by_node(store& storage, const hour_range& hours) {
  return read_from(storage, [&](repositories& tables) -> base::result<drift_map> {
    HTTVPS_TRY(const auto shares, tables.hours.list(hours));
    drift_map nodes;
    for (const auto& share : shares) {
      auto& drift = nodes[share.node];
      const models::traffic sum{.up = drift.reported, .down = share.added.total()};
      drift.reported = sum.total();
    }
    return nodes;
  });
}

}

base::result<std::vector<node_drift>> compare_with_nodes(store& storage, node_counter& nodes,
                                                         const hour_range& hours) {
  HTTVPS_TRY(auto drifts, reported_by_node(storage, hours));
  HTTVPS_TRY(const auto readings, nodes.counted(hours));
  for (const auto& reading : readings) {
    auto& drift = drifts[reading.node];
    const models::traffic sum{.up = drift.counted, .down = reading.bytes};
    drift.counted = sum.total();
  }
  std::vector<node_drift> found;
  found.reserve(drifts.size());
  for (auto& [node, drift] : drifts) {
    drift.node = node;
    drift.ratio = ratio_of(drift);
    found.push_back(std::move(drift));
  }
  return found;
}

}
