#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "httvps/backend/services/node_days.hpp"
#include "httvps/backend/services/usage_pruning.hpp"
#include "httvps/backend/services/usage_roll_up.hpp"
#include "httvps/backend/services/usage_upkeep.hpp"
#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::core {

struct keeper_terms {
  std::chrono::milliseconds pace{5000};
  services::usage_retention retention;
  services::pruning_terms pruning = {};
  std::chrono::days daily{35};
};

struct keeper_surroundings {
  base::metric_registry& metrics;
  base::logger log;
};

class usage_keeper {
 public:
  usage_keeper(const services::service_tools& tools, const keeper_terms& terms,
               const keeper_surroundings& around);

  base::result<> roll_up();
  base::result<> tidy();
  void use(const services::usage_retention& retention, const services::pruning_terms& pruning);
  const std::string& upkeep_holder() const noexcept { return upkeep_.holder(); }

 private:
  void add_gauges(base::metric_registry& metrics);
  base::result<> look_at_backlog();

  const base::clock& clock_;
  services::usage_roll_up worker_;
  services::usage_upkeep upkeep_;
  services::usage_pruning pruning_;
  services::node_days node_days_;
  base::logger log_;
  base::counter rolled_up_;
  base::counter failures_;
  base::counter forgotten_;
  base::counter forgotten_node_rows_;
  base::counter pruned_sessions_;
  base::counter pruned_quarantine_;
  base::histogram seconds_;
  std::atomic<std::int64_t> oldest_{0};
  std::atomic<std::uint64_t> waiting_{0};
  std::atomic<std::uint64_t> unposted_{0};
  std::atomic<std::uint64_t> missing_{0};
  std::atomic<bool> rolls_up_ = false;
};

}
