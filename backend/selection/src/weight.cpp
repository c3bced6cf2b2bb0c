#include "httvps/backend/selection/weight.hpp"

#include <algorithm>

namespace httvps::backend::selection {
namespace {

using seconds = std::chrono::duration<double>;

constexpr seconds reference_round_trip{0.040};
constexpr seconds round_trip_floor{0.005};
constexpr double error_penalty = 20;
constexpr double slow_start_begin = 0.1;

double share_of(double used, double capacity) noexcept {
  return capacity > 0 ? used / capacity : 0;
}

double nearness_of(const std::optional<base::duration>& round_trip) noexcept {
  if (!round_trip) {
    return 1;
  }
  return std::clamp(reference_round_trip / (seconds(*round_trip) + round_trip_floor), 0.25, 1.5);
}

double slow_start_of(base::duration healthy_for) noexcept {
  const auto share = std::max(seconds(healthy_for) / seconds(slow_start_span), 0.0);
  return std::min(1.0, slow_start_begin + (1 - slow_start_begin) * share);
}

}

double utilisation_of(const load_sample& sample, const member_capacity& capacity) noexcept {
  return std::max({share_of(sample.bits_per_second, capacity.bits_per_second), sample.cpu,
                   share_of(sample.sessions, capacity.sessions)});
}

double headroom_of(double utilisation) noexcept {
  return std::clamp((full_utilisation - utilisation) / full_utilisation, least_headroom, 1.0);
}

bool is_load_known(const member_signals& signals) noexcept {
  return signals.utilisation && signals.report_age <= report_used_for;
}

weight_factors weigh(const member_signals& signals, double region_headroom) noexcept {
  const bool known = is_load_known(signals);
  return {.admin = signals.admin_weight,
          .headroom = known ? headroom_of(*signals.utilisation) : region_headroom,
          .quality = 1 / (1 + error_penalty * signals.error_rate),
          .nearness = nearness_of(signals.round_trip),
          .slow_start = slow_start_of(signals.healthy_for),
          .freshness = known && signals.report_age > report_fresh_for ? 0.5 : 1};
}

}
