#include "httvps/gateway/outline/node_choice.hpp"

#include <algorithm>
#include <cmath>

namespace httvps::gateway {

void peak_latency::observe(base::duration sample, base::steady_time now) noexcept {
  if (!value_ || sample >= *value_) {
    value_ = sample;
    updated_ = now;
    return;
  }
  const std::chrono::duration<double> elapsed = std::max(now - updated_, base::duration::zero());
  const std::chrono::duration<double> constant = latency_constant;
  const double kept = std::exp(-elapsed.count() / constant.count());
  const std::chrono::duration<double> excess = *value_ - sample;
  value_ = sample + std::chrono::duration_cast<base::duration>(kept * excess);
  updated_ = now;
}

double cost_of(const node_load& load) noexcept {
  const std::chrono::duration<double> latency = load.latency.value_or(base::duration::zero());
  return latency.count() * static_cast<double>(load.in_flight + 1) /
         static_cast<double>(std::max<std::uint32_t>(load.weight, 1));
}

std::size_t choose_node(std::span<const node_load> candidates, base::random_source& random) {
  if (candidates.size() < 2) {
    return 0;
  }
  const auto other = 1 + static_cast<std::size_t>(random.below(candidates.size() - 1));
  if (!candidates[0].latency || !candidates[other].latency) {
    return 0;
  }
  return cost_of(candidates[other]) < leave_first_below * cost_of(candidates[0]) ? other : 0;
}

}
