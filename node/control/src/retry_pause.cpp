#include "httvps/node/control/retry_pause.hpp"

#include <algorithm>

namespace httvps::node {

std::chrono::milliseconds retry_pause::next(base::random_source& random) {
  const auto whole = whole_;
  whole_ = std::min(whole_ * 2, limits_.most);
  const auto half = whole / 2;
  const auto jitter = random.below(static_cast<std::uint64_t>((whole - half).count()) + 1);
  return half + std::chrono::milliseconds(jitter);
}

std::chrono::milliseconds give_or_take_a_tenth(std::chrono::milliseconds span,
                                               base::random_source& random) {
  const auto tenth = span / 10;
  const auto jitter = random.below(static_cast<std::uint64_t>(2 * tenth.count()) + 1);
  return span - tenth + std::chrono::milliseconds(jitter);
}

}
