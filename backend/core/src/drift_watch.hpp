#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "httvps/backend/services/usage_cross_check.hpp"
#include "usage_keeper.hpp"

namespace httvps::backend::core {

inline constexpr std::size_t most_drift_series = 100;

class drift_watch {
 public:
  drift_watch(const services::service_tools& tools, const keeper_surroundings& around);

  base::result<> look();

 private:
  void add_gauges(base::metric_registry& metrics);
  std::vector<base::gauge_reading> ratios() const;
  void note(const services::day_drift& found);
  void warn_once(const services::path_drift& drift);

  services::usage_cross_check check_;
  base::logger log_;
  std::string day_;
  std::set<std::pair<models::node_id, models::gateway_id>> warned_;
  std::atomic<std::uint64_t> up_{0};
  std::atomic<std::uint64_t> down_{0};
  std::atomic<std::uint64_t> compared_{0};
  std::atomic<std::uint64_t> over_bound_{0};
  mutable std::mutex mutex_;
  std::vector<base::gauge_reading> ratios_;
};

}
