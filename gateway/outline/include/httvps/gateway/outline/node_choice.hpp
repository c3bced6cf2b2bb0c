#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"

namespace httvps::gateway {

inline constexpr std::chrono::seconds latency_constant{10};
inline constexpr std::chrono::seconds failure_latency{5};
inline constexpr double leave_first_below = 0.5;

class peak_latency {
 public:
  void observe(base::duration sample, base::steady_time now) noexcept;
  std::optional<base::duration> value() const noexcept { return value_; }

 private:
  std::optional<base::duration> value_;
  base::steady_time updated_{};
};

struct connect_tally {
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  base::duration took{};
};

struct node_load {
  std::optional<base::duration> latency;
  std::size_t in_flight = 0;
  std::uint32_t weight = 1;
};

double cost_of(const node_load& load) noexcept;
std::size_t choose_node(std::span<const node_load> candidates, base::random_source& random);

}
