#include "fleet_meter.hpp"

#include <boost/mp11/algorithm.hpp>
#include <chrono>
#include <set>
#include <vector>

#include "httvps/backend/models/enum_text.hpp"

namespace httvps::backend::api {
namespace {

using base::gauge_reading;
using services::fleet_side;

struct member_group {
  std::string region;
  std::string admin_state;

  auto operator<=>(const member_group&) const = default;
};

using health_counts = std::map<std::string, double>;

health_counts no_members() {
  health_counts counts{{std::string(ejected_health), 0}};
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<selection::health>>(
      [&](auto stage) { counts[stage.name] = 0; });
  return counts;
}

std::string health_of(const selection::standing& member) {
  return member.ejected_for > base::duration() ? std::string(ejected_health)
                                               : models::enum_text(member.stage);
}

std::string admin_state_of(const selection::standing& member, fleet_side side) {
  if (side == fleet_side::gateways) {
    return {};
  }
  const bool is_out_of_use = member.unfit == selection::obstacle::draining ||
                             member.unfit == selection::obstacle::disabled;
  return is_out_of_use ? models::enum_text(member.unfit) : "enabled";
}

std::map<member_group, health_counts> count_members(services::node_fleet& fleet, fleet_side side) {
  std::set<std::string> regions;
  std::map<member_group, health_counts> counted;
  for (const auto& each : fleet.standings(side)) {
    const bool has_room = regions.contains(each.region) || regions.size() < most_region_series;
    const auto region = has_room ? each.region : std::string(other_region);
    regions.insert(region);
    auto& counts = counted
                       .try_emplace({.region = region, .admin_state = admin_state_of(each, side)},
                                    no_members())
                       .first->second;
    ++counts[health_of(each)];
  }
  return counted;
}

std::vector<gauge_reading> read_members(services::node_fleet& fleet, fleet_side side) {
  std::vector<gauge_reading> readings;
  for (const auto& [group, counts] : count_members(fleet, side)) {
    for (const auto& [health, members] : counts) {
      base::metric_labels labels{{"region", group.region}, {"health", health}};
      if (!group.admin_state.empty()) {
        labels.emplace_back("admin_state", group.admin_state);
      }
      readings.push_back({.labels = std::move(labels), .value = members});
    }
  }
  return readings;
}

std::vector<gauge_reading> read_silences(services::node_fleet& fleet) {
  const auto silence = [&fleet](fleet_side side) {
    return std::chrono::duration<double>(fleet.longest_silence(side)).count();
  };
  return {{.labels = {{"kind", "gateway"}}, .value = silence(fleet_side::gateways)},
          {.labels = {{"kind", "node"}}, .value = silence(fleet_side::nodes)}};
}

double count_panicking(services::node_fleet& fleet) {
  double count = 0;
  for (const auto& each : fleet.regions()) {
    count += each.is_panicking ? 1 : 0;
  }
  return count;
}

std::string_view side_label(fleet_side side) {
  return side == fleet_side::nodes ? "node" : "gateway";
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
  metrics.add_callback_gauges(
      {.name = "httvps_backend_nodes",
       .help = "Nodes by region, health and administrative state, as this process sees them."},
      [&fleet] { return read_members(fleet, fleet_side::nodes); });
  metrics.add_callback_gauges(
      {.name = "httvps_backend_gateways",
       .help = "Approved gateways by region and health, as this process sees them."},
      [&fleet] { return read_members(fleet, fleet_side::gateways); });
  metrics.add_callback_gauges(
      {.name = "httvps_backend_heartbeat_age_seconds",
       .help = "Age of the oldest last heartbeat, by kind of its sender; disabled ones and those "
               "that were never heard are left out."},
      [&fleet] { return read_silences(fleet); });
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
