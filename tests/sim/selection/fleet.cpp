#include "fleet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "httvps/backend/selection/rendezvous.hpp"

namespace httvps::sim {
namespace {

constexpr std::size_t nodes_a_domain = 4;
constexpr double share_online = 10.0 / 11.0;
constexpr double usual_utilisation = 0.6;
constexpr double overload = 1.3;

}

fleet::fleet(const fleet_size& size, std::uint64_t seed) : size_(size), random_(seed) {
  for (std::size_t i = 0; i < size_.regions; ++i) {
    region_names_.push_back(fmt::format("region{}", i));
  }
  build_nodes();
  build_gateways();
  grant();
  build_devices();
}

void fleet::build_nodes() {
  const double online = share_online * static_cast<double>(size_.devices);
  const double sessions = online / static_cast<double>(size_.nodes) / usual_utilisation;
  for (std::size_t i = 0; i < size_.nodes; ++i) {
    const auto region = i / nodes_a_region();
    nodes_.push_back({.id = fmt::format("node_{}", i),
                      .region = region,
                      .next_beat = second_ + random_.below(5)});
    node_index_[nodes_.back().id] = i;
    node_pool_.put({.id = nodes_.back().id,
                    .region = region_names_[region],
                    .domain = fmt::format("domain_{}", i / nodes_a_domain),
                    .capacity = {.sessions = sessions}},
                   now());
  }
}

void fleet::build_gateways() {
  for (std::size_t i = 0; i < size_.gateways; ++i) {
    const auto region = i * size_.regions / size_.gateways;
    gateways_.push_back({.id = fmt::format("gw_{}", i), .region = region, .granted = {}});
    gateway_index_[gateways_.back().id] = i;
    gateway_pool_.put(
        {.id = gateways_.back().id, .region = region_names_[region], .domain = gateways_.back().id},
        now());
  }
}

void fleet::grant() {
  for (std::size_t region = 0; region < size_.regions; ++region) {
    std::vector<std::string> gateways;
    std::vector<std::string> nodes;
    for (const auto& each : gateways_) {
      if (each.region == region) {
        gateways.push_back(each.id);
      }
    }
    for (const auto& each : nodes_) {
      if (each.region == region) {
        nodes.push_back(each.id);
      }
    }
    for (const auto& each : selection::plan_grants(gateways, nodes)) {
      gateways_[gateway_index_.at(each.gateway)].granted.push_back(each.node);
    }
  }
}

void fleet::run_for(std::uint64_t seconds, const std::function<void()>& each_second) {
  for (const auto end = second_ + seconds; second_ < end;) {
    ++second_;
    beat();
    if (second_ % 10 == 0) {
      report_connects();
    }
    node_pool_.advance(now());
    gateway_pool_.advance(now());
    wake_devices();
    note_overload();
    if (each_second) {
      each_second();
    }
  }
}

void fleet::beat() {
  for (auto& each : nodes_) {
    if (each.next_beat > second_) {
      continue;
    }
    each.next_beat = second_ + (random_.below(10) == 0 ? 6 : 5);
    if (each.is_alive && each.is_heard) {
      node_pool_.note_heartbeat(each.id, {.sessions = static_cast<double>(each.sessions)}, now());
    }
  }
  if (second_ % 5 == 0) {
    for (const auto& each : gateways_) {
      gateway_pool_.note_heartbeat(each.id, {.cpu = 0.3}, now());
    }
  }
}

void fleet::report_connects() {
  for (const auto& each : gateways_) {
    for (const auto& id : each.granted) {
      const auto& to = nodes_[node_index_.at(id)];
      const bool succeeds = to.is_alive && to.takes_connects;
      const auto streams = 1 + to.sessions / 3;
      node_pool_.note_outcome({.member = id,
                               .succeeded = succeeds ? streams : 0,
                               .failed = succeeds ? 0 : streams,
                               .round_trip = {}},
                              now());
    }
  }
}

void fleet::note_overload() {
  for (auto& each : nodes_) {
    const bool is_over =
        static_cast<double>(each.sessions) > overload * std::max(1.0, mean_load(each.region));
    each.overloaded_for = is_over ? each.overloaded_for + 1 : 0;
    longest_overload_ = std::max(longest_overload_, each.overloaded_for);
  }
}

void fleet::start_counting_overload() {
  longest_overload_ = 0;
}

std::size_t fleet::node_of(std::size_t region, std::size_t index) const {
  return region * nodes_a_region() + index;
}

double fleet::mean_load(std::size_t region) const {
  double sum = 0;
  double alive = 0;
  for (std::size_t i = node_of(region, 0); i < node_of(region + 1, 0); ++i) {
    sum += static_cast<double>(nodes_[i].sessions);
    alive += nodes_[i].is_alive ? 1 : 0;
  }
  return sum / std::max(1.0, alive);
}

double fleet::highest_load_over_mean() const {
  double highest = 0;
  for (std::size_t region = 0; region < size_.regions; ++region) {
    const double mean = mean_load(region);
    for (std::size_t i = node_of(region, 0); i < node_of(region + 1, 0); ++i) {
      highest = std::max(highest, static_cast<double>(nodes_[i].sessions) / mean);
    }
  }
  return highest;
}

std::size_t fleet::count(std::size_t region, selection::obstacle unfit) const {
  return static_cast<std::size_t>(std::ranges::count(node_pool_.standings(region_names_[region]),
                                                     unfit, &selection::standing::unfit));
}

bool fleet::is_panicking(std::size_t region) const {
  const auto all = node_pool_.regions();
  return std::ranges::find(all, region_names_[region], &selection::region_standing::code)
      ->is_panicking;
}

base::steady_time fleet::now() const {
  return base::steady_time{std::chrono::seconds(second_)};
}

}
