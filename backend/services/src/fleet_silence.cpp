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

}
