#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "common/endpoint.hpp"

namespace httvps::bench {

inline constexpr double as_fast_as_answered = 0;

using request_source = std::function<std::string(std::size_t number, std::size_t stage)>;

struct volley_order {
  endpoint target;
  request_source request;
  std::string expected;
  std::size_t connections = 64;
  double per_second = as_fast_as_answered;
  std::size_t stages = 1;
  std::chrono::milliseconds length{1000};
};

struct volley_outcome {
  std::vector<double> milliseconds;
  std::size_t refused = 0;
  std::size_t unanswered = 0;
  std::string first_refusal;
  double seconds = 0;

  double rate() const noexcept;
  double quantile(double share) const;
};

base::result<volley_outcome> run_volley(const volley_order& order);

}
