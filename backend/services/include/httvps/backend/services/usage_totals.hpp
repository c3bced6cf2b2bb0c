#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "httvps/backend/services/usage_repositories.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds usage_total_memory{60};
inline constexpr std::size_t usage_totals_most = 256;

struct usage_sums {
  models::traffic total;
  models::traffic quarantined;

  bool operator==(const usage_sums&) const = default;
};

class usage_totals {
 public:
  explicit usage_totals(std::size_t most = usage_totals_most) noexcept : most_(most) {}

  std::optional<usage_sums> find(const usage_filter& filter, base::steady_time now) const;
  void keep(const usage_filter& filter, const usage_sums& sums, base::steady_time now);
  std::size_t size() const;

 private:
  struct known {
    usage_sums sums;
    base::steady_time summed_at;
  };
  static std::string name_of(const usage_filter& filter);

  std::size_t most_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, known> totals_;
};

}
