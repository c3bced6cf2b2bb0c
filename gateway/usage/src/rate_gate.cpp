#include "httvps/gateway/usage/rate_gate.hpp"

#include <algorithm>
#include <chrono>

namespace httvps::gateway {
namespace {

constexpr std::int64_t burst = std::chrono::nanoseconds(std::chrono::milliseconds(100)).count();
constexpr double bits_a_byte = 8;
constexpr double nanoseconds_a_second = 1e9;

std::int64_t nanoseconds_of(base::steady_time moment) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(moment.time_since_epoch()).count();
}

double cost_of_a_byte(std::uint64_t bits_per_second) noexcept {
  const auto rate = static_cast<double>(std::max<std::uint64_t>(bits_per_second, 1));
  return bits_a_byte * nanoseconds_a_second / rate;
}

}

rate_gate::rate_gate(std::uint64_t bits_per_second) noexcept
    : nanoseconds_a_byte_(cost_of_a_byte(bits_per_second)) {}

void rate_gate::change(std::uint64_t bits_per_second) noexcept {
  nanoseconds_a_byte_.store(cost_of_a_byte(bits_per_second), std::memory_order_relaxed);
}

bool rate_gate::is_open(base::steady_time now) const noexcept {
  return wait(now) == base::duration::zero();
}

base::duration rate_gate::wait(base::steady_time now) const noexcept {
  const auto ahead = paid_until_.load(std::memory_order_relaxed) - nanoseconds_of(now) - burst;
  return std::chrono::duration_cast<base::duration>(
      std::chrono::nanoseconds(std::max<std::int64_t>(ahead, 0)));
}

void rate_gate::charge(base::byte_count bytes, base::steady_time now) noexcept {
  const auto cost = static_cast<std::int64_t>(static_cast<double>(bytes) *
                                              nanoseconds_a_byte_.load(std::memory_order_relaxed));
  const auto moment = nanoseconds_of(now);
  auto before = paid_until_.load(std::memory_order_relaxed);
  while (!paid_until_.compare_exchange_weak(before, std::max(before, moment) + cost,
                                            std::memory_order_relaxed)) {
  }
}

}
