#include "drift_watch.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace httvps::backend::core {
namespace {

std::function<double()> reader_of(const std::atomic<std::uint64_t>& value) {
  return [&value] { return static_cast<double>(value.load()); };
}

struct node_sums {
  double differing = 0;
  double reported = 0;
  double counted = 0;

  double ratio() const noexcept {
    const auto larger = std::max(reported, counted);
    return larger > 0 ? differing / larger : 0;
  }
};

double sum_of(const models::traffic& bytes) noexcept {
  return static_cast<double>(bytes.up) + static_cast<double>(bytes.down);
}

std::vector<base::gauge_reading> worst_ratios(const std::vector<services::path_drift>& paths) {
  std::map<models::node_id, node_sums> nodes;
  for (const auto& path : paths) {
    auto& sums = nodes[path.node];
    sums.differing += sum_of(path.bytes());
    sums.reported += sum_of(path.reported);
    sums.counted += sum_of(path.counted);
  }
  std::vector<base::gauge_reading> readings;
  readings.reserve(nodes.size());
  for (const auto& [node, sums] : nodes) {
    readings.push_back({.labels = {{"node", node.text()}}, .value = sums.ratio()});
  }
  std::ranges::sort(readings, std::greater(), &base::gauge_reading::value);
  readings.resize(std::min(readings.size(), most_drift_series));
  return readings;
}

}

drift_watch::drift_watch(const services::service_tools& tools, const keeper_surroundings& around)
    : check_(tools), log_(around.log) {
  add_gauges(around.metrics);
}

void drift_watch::add_gauges(base::metric_registry& metrics) {
  const auto add_bytes = [&metrics](const char* direction,
                                    const std::atomic<std::uint64_t>& value) {
    metrics.add_callback_gauge(
        {.name = "httvps_backend_usage_drift_bytes",
         .help = "Bytes by which gateways and nodes differ in the last compared day, of all nodes.",
         .labels = {{"direction", direction}}},
        reader_of(value));
  };
  add_bytes("up", up_);
  add_bytes("down", down_);
  metrics.add_callback_gauge(
      {.name = "httvps_backend_usage_drift_nodes_compared",
       .help = "Nodes whose counters were compared with what gateways reported."},
      reader_of(compared_));
  metrics.add_callback_gauge(
      {.name = "httvps_backend_usage_drift_nodes_over_bound",
       .help =
           "Compared nodes that differ from a gateway by more than 1 % and 1 MiB in a direction."},
      reader_of(over_bound_));
  metrics.add_callback_gauges(
      {.name = "httvps_backend_usage_drift_ratio",
       .help = "Part of the bytes of a node's last compared day in which gateways and the node "
               "differ, of the worst 100 nodes."},
      [this] { return ratios(); });
}

std::vector<base::gauge_reading> drift_watch::ratios() const {
  const std::scoped_lock lock(mutex_);
  return ratios_;
}

void drift_watch::warn_once(const services::path_drift& drift) {
  if (!warned_.insert({drift.node, drift.gateway}).second) {
    return;
  }
  log_.warn("usage_drift", {{"node_id", drift.node.text()},
                            {"gateway_id", drift.gateway.text()},
                            {"day", day_},
                            {"reported_up", drift.reported.up},
                            {"counted_up", drift.counted.up},
                            {"reported_down", drift.reported.down},
                            {"counted_down", drift.counted.down}});
}

void drift_watch::note(const services::day_drift& found) {
  if (found.day != day_) {
    day_ = found.day;
    warned_.clear();
  }
  models::traffic all;
  std::set<models::node_id> over;
  for (const auto& drift : found.paths) {
    all = models::saturating_sum(all, drift.bytes());
    if (drift.is_over_bound()) {
      over.insert(drift.node);
      warn_once(drift);
    }
  }
  up_ = all.up;
  down_ = all.down;
  compared_ = found.nodes;
  over_bound_ = over.size();
  auto ratios = worst_ratios(found.paths);
  const std::scoped_lock lock(mutex_);
  ratios_ = std::move(ratios);
}

base::result<> drift_watch::look() {
  HTTVPS_TRY(const auto found, check_.run());
  if (found) {
    note(*found);
  }
  return {};
}

}
