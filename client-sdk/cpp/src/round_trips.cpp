#include "httvps/sdk/round_trips.hpp"

#include <algorithm>

namespace httvps::sdk {

void round_trips::note(base::duration measured) noexcept {
  kept_[count_ % round_trips_kept] = measured;
  ++count_;
}

std::vector<base::duration> round_trips::recent() const {
  const auto size = std::min<std::uint64_t>(count_, round_trips_kept);
  std::vector<base::duration> found;
  found.reserve(size);
  for (auto at = count_ - size; at < count_; ++at) {
    found.push_back(kept_[at % round_trips_kept]);
  }
  return found;
}

std::optional<base::duration> round_trips::within(unsigned percent) const {
  auto ordered = recent();
  if (ordered.empty()) {
    return std::nullopt;
  }
  std::ranges::sort(ordered);
  return ordered[std::min(ordered.size() - 1, ordered.size() * percent / 100)];
}

}
