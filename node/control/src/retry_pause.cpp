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

}
