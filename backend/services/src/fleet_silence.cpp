#include <algorithm>
#include <iterator>

#include "httvps/backend/services/node_fleet.hpp"

namespace httvps::backend::services {

std::vector<selection::standing> node_fleet::standings_now(fleet_side side) {
  advance();
  const auto& pool = side == fleet_side::nodes ? nodes_ : gateways_;
  std::vector<selection::standing> all;
  for (const auto& region : pool.regions()) {
    std::ranges::move(pool.standings(region.code), std::back_inserter(all));
  }
  return all;
}

std::vector<selection::standing> node_fleet::standings(fleet_side side) {
  const std::scoped_lock lock(mutex_);
  return standings_now(side);
}

base::duration node_fleet::longest_silence(fleet_side side) {
  const std::scoped_lock lock(mutex_);
  base::duration longest{};
  for (const auto& each : standings_now(side)) {
    const auto found = heard_.find(each.id);
    if (found != heard_.end() && each.unfit != selection::obstacle::disabled) {
      longest = std::max(longest, clock_.steady_now() - moment_of(found->second.beat));
    }
  }
  return longest;
}

std::set<models::gateway_id> node_fleet::long_silent_now() const {
  const auto now = clock_.steady_now();
  std::set<models::gateway_id> silent;
  if (begun_at_ == base::steady_time() || now - begun_at_ < fleet_settling) {
    return silent;
  }
  for (const auto& region : gateways_.regions()) {
    if (region.is_panicking) {
      continue;
    }
    for (const auto& each : gateways_.standings(region.code)) {
      const auto found = heard_.find(each.id);
      if (found != heard_.end() && now - moment_of(found->second.beat) >= keys_outlive_silence) {
        silent.insert(models::gateway_id::trusted(each.id));
      }
    }
  }
  return silent;
}

std::set<models::gateway_id> node_fleet::long_silent_gateways() {
  const std::scoped_lock lock(mutex_);
  advance();
  return long_silent_now();
}

}
