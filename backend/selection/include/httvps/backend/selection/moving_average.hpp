#pragma once

#include <optional>

#include "httvps/base/clock.hpp"

namespace httvps::backend::selection {

class moving_average {
 public:
  explicit moving_average(base::duration constant) noexcept : constant_(constant) {}

  void add(double sample, base::steady_time now) noexcept;
  std::optional<double> value() const noexcept { return value_; }

 private:
  base::duration constant_;
  std::optional<double> value_;
  base::steady_time updated_{};
};

}
