#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "httvps/base/clock.hpp"

namespace httvps::backend::api {

struct rate_limit {
  double burst = 10;
  double per_second = 1;
  std::size_t most_addresses = 10000;
};

struct rate_verdict {
  bool admitted = false;
  std::uint64_t left = 0;
  std::chrono::seconds retry_after{0};
};

class rate_limiter {
 public:
  rate_limiter(const rate_limit& chosen, const base::clock& clock) noexcept
      : chosen_(chosen), clock_(clock) {}

  rate_verdict take(std::string_view who);
  void give_back(std::string_view who);
  void use(const rate_limit& chosen);
  static rate_verdict admission_at(double tokens) noexcept;
  rate_verdict refusal_at(double tokens) const;
  std::size_t addresses() const;
  rate_limit limit() const;

 private:
  struct bucket {
    double tokens = 0;
    base::steady_time filled_at;
  };
  double filled(const bucket& one, base::steady_time now) const noexcept;
  void forget_rested(base::steady_time now);
  rate_verdict refusal_with(double tokens) const noexcept;

  rate_limit chosen_;
  const base::clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, bucket> buckets_;
};

}
