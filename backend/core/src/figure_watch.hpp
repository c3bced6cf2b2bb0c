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
  base::result<> count_some();

 private:
  struct figures {
    services::key_figures keys;
    std::uint64_t widest_key_lag = 0;
  };
  struct census {
    base::steady_time begins;
    services::standing_window next = {};
    services::standing_counts so_far = {};
  };
  using readings = std::vector<base::gauge_reading>;

  void add_gauges(base::metric_registry& metrics);
  std::optional<figures> seen() const;
  readings key_counts() const;
  readings key_ages() const;
  readings subscription_counts() const;
  readings key_lag() const;
  void publish(std::optional<services::standing_counts> counts);

  services::service_tools tools_;
  std::function<bool()> counts_for_all_;
  std::optional<census> census_;
  mutable std::mutex mutex_;
  std::optional<figures> seen_;
  std::optional<services::standing_counts> subscriptions_;
};

}
