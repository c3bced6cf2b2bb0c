#pragma once

#include <chrono>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"

namespace httvps::sdk {

struct backoff_limits {
  std::chrono::milliseconds least = std::chrono::milliseconds(200);
  std::chrono::milliseconds most = std::chrono::seconds(30);
};

class reconnect_backoff {
 public:
  explicit reconnect_backoff(backoff_limits limits) noexcept
      : limits_(limits), current_(limits.least) {}

  std::chrono::milliseconds next(base::random_source& random);
  void reset() noexcept { current_ = limits_.least; }

 private:
  backoff_limits limits_;
  std::chrono::milliseconds current_;
};

}
