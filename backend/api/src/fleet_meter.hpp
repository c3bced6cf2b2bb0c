#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "httvps/backend/services/node_fleet.hpp"
#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::api {

inline constexpr std::size_t most_assignment_series = 1024;
inline constexpr std::size_t most_region_series = 256;
inline constexpr std::string_view other_region = "other";
inline constexpr std::string_view ejected_health = "ejected";

class fleet_meter {
 public:
  fleet_meter(base::metric_registry& metrics, base::logger log, services::node_fleet& fleet);

  void note_assignment(const std::string& region, selection::choice_reason reason);
  void note_event(services::fleet_side side, const selection::pool_event& event);

 private:
  using series = std::pair<std::string, std::string>;

  base::counter assignment_counter(const series& wanted);

  base::metric_registry& metrics_;
  base::logger log_;
  base::counter ejected_in_a_row_;
  base::counter ejected_low_success_;
  std::mutex mutex_;
  std::map<series, base::counter> assignments_;
};

}
