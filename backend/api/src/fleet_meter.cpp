#include "fleet_meter.hpp"

#include "httvps/backend/models/enum_text.hpp"

namespace httvps::backend::api {
namespace {

using selection::obstacle;

constexpr obstacle shown_health[] = {obstacle::none, obstacle::suspect, obstacle::out,
                                     obstacle::gone, obstacle::ejected};

std::string health_label(obstacle unfit) {
  return unfit == obstacle::none ? "healthy" : models::enum_text(unfit);
}

double count_panicking(services::node_fleet& fleet) {
  double count = 0;
  for (const auto& each : fleet.regions()) {
    count += each.is_panicking ? 1 : 0;
  }
  return count;
}

std::string_view side_label(services::fleet_side side) {
  return side == services::fleet_side::nodes ? "node" : "gateway";
}

}

fleet_meter::fleet_meter(base::metric_registry& metrics, base::logger log,
                         services::node_fleet& fleet)
    : metrics_(metrics), log_(std::move(log)) {
  const auto ejections = [&](std::string cause) {
    return metrics.add_counter({.name = "httvps_backend_node_ejections_total",
                                .help = "Nodes taken out because connects to them failed.",
                                .labels = {{"cause", std::move(cause)}}});
  };
  ejected_in_a_row_ = ejections("failures_in_a_row");
  ejected_low_success_ = ejections("low_success");
  for (const auto unfit : shown_health) {
    metrics.add_callback_gauge(
        {.name = "httvps_backend_nodes",
         .help = "Nodes by health, as this process sees them.",
         .labels = {{"health", health_label(unfit)}}},
        [&fleet, unfit] {
          return static_cast<double>(fleet.count(services::fleet_side::nodes, unfit));
        });
    metrics.add_callback_gauge(
        {.name = "httvps_backend_gateways",
         .help = "Approved gateways by health, as this process sees them.",
         .labels = {{"health", health_label(unfit)}}},
        [&fleet, unfit] {
          return static_cast<double>(fleet.count(services::fleet_side::gateways, unfit));
        });
  }
  metrics.add_callback_gauge(
      {.name = "httvps_backend_regions_panicking",
       .help = "Regions whose health is frozen because most of it fell silent at once."},
      [&fleet] { return count_panicking(fleet); });
}

base::counter fleet_meter::assignment_counter(const series& wanted) {
  const auto known = assignments_.find(wanted);
  if (known != assignments_.end()) {
    return known->second;
  }
  const bool is_full = assignments_.size() >= most_assignment_series;
  const series kept = is_full ? series("other", wanted.second) : wanted;
  const auto [place, is_new] = assignments_.try_emplace(kept);
  if (is_new) {
    place->second =
        metrics_.add_counter({.name = "httvps_backend_assignment_total",
                              .help = "Devices that were given a node, and why.",
                              .labels = {{"region", kept.first}, {"reason", kept.second}}});
  }
  return place->second;
}

void fleet_meter::note_assignment(const std::string& region, selection::choice_reason reason) {
  const std::scoped_lock lock(mutex_);
  assignment_counter({region, models::enum_text(reason)}).add();
}

void fleet_meter::note_event(services::fleet_side side, const selection::pool_event& event) {
  const auto kind = models::enum_text(event.kind);
  switch (event.kind) {
    case selection::pool_event_kind::ejected:
      (event.cause == selection::ejection_cause::low_success ? ejected_low_success_
                                                             : ejected_in_a_row_)
          .add();
      log_.warn("member_ejected", {{"node_id", event.member},
                                   {"region", event.region},
                                   {"outcome", models::enum_text(event.cause)}});
      break;
    case selection::pool_event_kind::panic_began:
    case selection::pool_event_kind::panic_ended:
      log_.error("region_panic", {{"region", event.region}, {"outcome", kind}});
      break;
    case selection::pool_event_kind::health_changed:
    case selection::pool_event_kind::readmitted:
      log_.info("member_health", {{"kind", side_label(side)},
                                  {"node_id", event.member},
                                  {"outcome", models::enum_text(event.stage)}});
      break;
  }
}

}
