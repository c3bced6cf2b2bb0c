#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "httvps/backend/services/service_tools.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::core {

class figure_watch {
 public:
  figure_watch(const services::service_tools& tools, base::metric_registry& metrics,
               std::function<bool()> counts_for_all);

  base::result<> look();

 private:
  struct figures {
    services::key_figures keys;
    std::uint64_t widest_key_lag = 0;
    std::optional<services::standing_counts> subscriptions;
  };
  using readings = std::vector<base::gauge_reading>;

  void add_gauges(base::metric_registry& metrics);
  std::optional<figures> seen() const;
  readings key_counts() const;
  readings key_ages() const;
  readings subscription_counts() const;
  readings key_lag() const;

  services::service_tools tools_;
  std::function<bool()> counts_for_all_;
  mutable std::mutex mutex_;
  std::optional<figures> seen_;
};

}
