#include "httvps/backend/selection/moving_average.hpp"

#include <algorithm>
#include <cmath>

namespace httvps::backend::selection {

void moving_average::add(double sample, base::steady_time now) noexcept {
  if (!value_) {
    value_ = sample;
    updated_ = now;
    return;
  }
  const std::chrono::duration<double> elapsed = std::max(now - updated_, base::duration::zero());
  const std::chrono::duration<double> constant = constant_;
  *value_ += (1 - std::exp(-elapsed.count() / constant.count())) * (sample - *value_);
  updated_ = std::max(updated_, now);
}

}
