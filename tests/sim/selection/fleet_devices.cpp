#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "fleet.hpp"

namespace httvps::sim {
namespace {

constexpr std::uint64_t arrivals_take = 180;
constexpr double stays_for = 20 * 60;
constexpr double stays_away_for = 2 * 60;
constexpr std::uint64_t renews_before = 30;

}

void fleet::build_devices() {
  devices_.resize(size_.devices);
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    devices_[i].id = fmt::format("dev_{}", i);
    devices_[i].region = i % size_.regions;
    schedule(i, second_ + 1 + random_.below(arrivals_take));
  }
}

void fleet::schedule(std::size_t index, std::uint64_t at) {
  due_[at].push_back(index);
}

void fleet::wake_devices() {
  while (!due_.empty() && due_.begin()->first <= second_) {
    const auto ready = due_.extract(due_.begin());
    for (const auto index : ready.mapped()) {
      wake(index);
    }
  }
}

void fleet::wake(std::size_t index) {
  auto& device = devices_[index];
  if (!device.is_online) {
    arrive(index);
  } else if (second_ >= device.leaves) {
    leave(index);
  } else {
    ask(index);
  }
}

void fleet::arrive(std::size_t index) {
  auto& device = devices_[index];
  const bool returns = device.gateway != nobody;
  const auto gateway = gateway_pool_.choose(
      {.region = region_names_[device.region],
       .key = device.id,
       .held = returns ? std::optional(gateways_[device.gateway].id) : std::nullopt,
       .granted = {}});
  device.gateway = gateway_index_.at(gateway->members.front());
  device.is_online = true;
  device.leaves = second_ + exponential(stays_for);
  ++online_;
  ask(index);
}

void fleet::leave(std::size_t index) {
  auto& device = devices_[index];
  if (device.serving != nobody) {
    --nodes_[device.serving].sessions;
  }
  device.serving = nobody;
  device.is_online = false;
  --online_;
  schedule(index, second_ + exponential(stays_away_for));
}

void fleet::ask(std::size_t index) {
  auto& device = devices_[index];
  const bool holds = device.primary != nobody && device.lease_ends > second_;
  auto made =
      node_pool_.choose({.region = region_names_[device.region],
                         .key = device.id,
                         .held = holds ? std::optional(nodes_[device.primary].id) : std::nullopt,
                         .granted = gateways_[device.gateway].granted});
  ++decisions_;
  if (!made) {
    ++refusals_;
    schedule(index, second_ + 5);
    return;
  }
  const auto held = device.primary;
  device.candidates.clear();
  for (const auto& id : made->members) {
    device.candidates.push_back(node_index_.at(id));
  }
  device.primary = device.candidates.front();
  const bool goes_on = holds || device.serving != nobody;
  device.was_moved = device.was_moved || (goes_on && device.primary != held);
  nodes_[device.primary].assigned += holds && device.primary == held ? 0 : 1;
  if (made->reason != selection::choice_reason::running_out) {
    device.lease_ends =
        second_ + static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(
                                                 selection::lease_length(random_.next_u64()))
                                                 .count());
  }
  serve(device);
  schedule_next(index);
}

void fleet::serve(fleet_device& device) {
  if (device.serving != nobody) {
    --nodes_[device.serving].sessions;
  }
  const auto answering = std::ranges::find_if(
      device.candidates, [&](std::size_t each) { return nodes_[each].is_alive; });
  device.serving = answering == device.candidates.end() ? nobody : *answering;
  if (device.serving != nobody) {
    ++nodes_[device.serving].sessions;
  }
}

void fleet::schedule_next(std::size_t index) {
  const auto& device = devices_[index];
  const auto renewal = std::max(device.lease_ends, second_ + 1 + renews_before) - renews_before;
  schedule(index, std::max(second_ + 1, std::min(device.leaves, renewal)));
}

std::uint64_t fleet::kill(std::size_t index) {
  nodes_[index].is_alive = false;
  std::uint64_t depended = 0;
  for (auto& device : devices_) {
    const bool is_leased = device.primary == index && device.lease_ends > second_;
    depended += is_leased || device.serving == index ? 1 : 0;
    if (device.serving == index) {
      serve(device);
    }
  }
  return depended;
}

void fleet::revive(std::size_t index) {
  nodes_[index].is_alive = true;
}

void fleet::start_counting_moves() {
  for (auto& device : devices_) {
    device.was_moved = false;
  }
}

std::uint64_t fleet::moved_devices() const {
  return static_cast<std::uint64_t>(std::ranges::count(devices_, true, &fleet_device::was_moved));
}

std::uint64_t fleet::moved_devices_in(std::size_t region) const {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      devices_, [&](const auto& device) { return device.was_moved && device.region == region; }));
}

void fleet::start_counting_assignments() {
  for (auto& each : nodes_) {
    each.assigned = 0;
  }
}

double fleet::uniform() {
  return (static_cast<double>(random_.next_u64() >> 11) + 0.5) * 0x1.0p-53;
}

std::uint64_t fleet::exponential(double mean) {
  return 1 + static_cast<std::uint64_t>(-mean * std::log(uniform()));
}

}
