#pragma once

#include <chrono>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"

namespace httvps::node {

class retry_pause {
 public:
  struct limits {
    std::chrono::milliseconds least{500};
    std::chrono::milliseconds most{30000};
  };

  retry_pause() = default;
  explicit retry_pause(limits chosen) noexcept : limits_(chosen), whole_(chosen.least) {}

  std::chrono::milliseconds next(base::random_source& random);
  void reset() noexcept { whole_ = limits_.least; }

 private:
  limits limits_;
  std::chrono::milliseconds whole_{500};
};

}
