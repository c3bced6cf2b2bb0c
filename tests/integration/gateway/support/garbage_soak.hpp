#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>

#include "gateway/support/gateway_world.hpp"

namespace httvps::testing {

#if __has_feature(address_sanitizer)
inline constexpr std::uint64_t growth_limit_kib = std::uint64_t{768} * 1024;
#else
inline constexpr std::uint64_t growth_limit_kib = std::uint64_t{64} * 1024;
#endif

std::chrono::seconds soak_time();

struct soak_outcome {
  std::uint64_t start_kib = 0;
  std::uint64_t highest_kib = 0;
  std::uint64_t rounds = 0;

  std::uint64_t growth_kib() const noexcept {
    return highest_kib > start_kib ? highest_kib - start_kib : 0;
  }
};

class garbage_soak {
 public:
  explicit garbage_soak(gateway_world& world) : world_(world) {}

  soak_outcome run(const std::function<void(std::uint64_t round)>& send_garbage);

 private:
  gateway_world& world_;
};

}
