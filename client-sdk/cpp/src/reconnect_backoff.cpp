#include "httvps/sdk/reconnect_backoff.hpp"

#include <algorithm>

namespace httvps::sdk {

std::chrono::milliseconds reconnect_backoff::next(base::random_source& random) {
  const auto whole = current_;
  current_ = std::min(current_ * 2, limits_.most);
  const auto half = whole / 2;
  const auto jitter = random.below(static_cast<std::uint64_t>((whole - half).count()) + 1);
  return half + std::chrono::milliseconds(jitter);
}

}
