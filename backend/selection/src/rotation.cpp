#include "httvps/backend/selection/rotation.hpp"

#include <algorithm>

namespace httvps::backend::selection {
namespace {

constexpr double most_rounds = 4;

}

std::optional<std::size_t> next_in_rotation(std::span<const rotation_entry> entries) noexcept {
  std::optional<std::size_t> best;
  double most = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const double credit = entries[i].credit + entries[i].weight;
    const bool is_open = entries[i].is_open && entries[i].weight > 0;
    if (is_open && (!best || credit > most)) {
      best = i;
      most = credit;
    }
  }
  return best;
}

std::optional<std::size_t> turn_rotation(std::span<rotation_entry> entries) noexcept {
  const auto picked = next_in_rotation(entries);
  if (!picked) {
    return picked;
  }
  double sum = 0;
  for (auto& each : entries) {
    if (each.weight > 0) {
      each.credit += each.weight;
      sum += each.weight;
    }
  }
  entries[*picked].credit -= sum;
  for (auto& each : entries) {
    each.credit = std::clamp(each.credit, -most_rounds * sum, most_rounds * sum);
  }
  return picked;
}

}
