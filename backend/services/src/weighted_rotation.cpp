#include "httvps/backend/services/weighted_rotation.hpp"

namespace httvps::backend::services {

std::optional<std::size_t> weighted_rotation::pick(const std::string& group,
                                                   std::span<const weighted_choice> choices) {
  if (choices.empty()) {
    return std::nullopt;
  }
  const std::lock_guard lock(mutex_);
  auto& before = groups_[group];
  weights current;
  std::int64_t total = 0;
  std::size_t best = 0;
  for (std::size_t i = 0; i < choices.size(); ++i) {
    const auto known = before.find(choices[i].name);
    const auto weight = static_cast<std::int64_t>(choices[i].weight);
    current[choices[i].name] = (known == before.end() ? 0 : known->second) + weight;
    total += weight;
    if (current[choices[i].name] > current[choices[best].name]) {
      best = i;
    }
  }
  current[choices[best].name] -= total;
  before = std::move(current);
  return best;
}

}
