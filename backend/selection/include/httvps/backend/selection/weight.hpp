#pragma once

#include <chrono>
#include <optional>

#include "httvps/base/clock.hpp"

namespace httvps::backend::selection {

inline constexpr double full_utilisation = 0.90;
inline constexpr double least_headroom = 0.02;
inline constexpr std::chrono::seconds slow_start_span{60};
inline constexpr std::chrono::seconds report_fresh_for{30};
inline constexpr std::chrono::minutes report_used_for{3};

struct member_capacity {
  double sessions = 0;
  double bits_per_second = 0;
};

struct load_sample {
  double sessions = 0;
  double cpu = 0;
  double bits_per_second = 0;
};

struct member_signals {
  double admin_weight = 1;
  std::optional<double> utilisation;
  double error_rate = 0;
  std::optional<base::duration> round_trip;
  base::duration healthy_for{};
  base::duration report_age{};
};

struct weight_factors {
  double admin = 0;
  double headroom = 0;
  double quality = 0;
  double nearness = 0;
  double slow_start = 0;
  double freshness = 0;

  double weight() const noexcept {
    return admin * headroom * quality * nearness * slow_start * freshness;
  }
};

double utilisation_of(const load_sample& sample, const member_capacity& capacity) noexcept;
double headroom_of(double utilisation) noexcept;
bool is_load_known(const member_signals& signals) noexcept;
weight_factors weigh(const member_signals& signals, double region_headroom) noexcept;

}
