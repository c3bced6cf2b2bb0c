#include "drift_watch.hpp"

#include <functional>

namespace httvps::backend::core {
namespace {

std::function<double()> reader_of(const std::atomic<std::uint64_t>& value) {
  return [&value] { return static_cast<double>(value.load()); };
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
}

base::result<> drift_watch::look() {
  HTTVPS_TRY(const auto found, check_.run());
  if (found) {
    note(*found);
  }
  return {};
}

}
