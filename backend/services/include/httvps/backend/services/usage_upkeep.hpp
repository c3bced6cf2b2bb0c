#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "httvps/backend/services/service_tools.hpp"
#include "httvps/backend/services/worker_leases.hpp"

namespace httvps::backend::services {

inline constexpr std::string_view upkeep_lease_name = "usage_upkeep";
inline constexpr std::size_t most_batches_forgotten = 1000;
inline constexpr std::size_t most_hours_forgotten = 24;

struct usage_retention {
  std::chrono::hours journal = std::chrono::days(7);
  std::chrono::hours hours = std::chrono::days(35);
};

struct upkeep_report {
  std::uint64_t batches = 0;
  std::uint64_t hours = 0;
};

class usage_upkeep {
 public:
  explicit usage_upkeep(const service_tools& tools, const usage_retention& retention = {});

  void use(const usage_retention& retention);
  base::result<upkeep_report> run() const;
  base::result<std::uint64_t> missing_batches() const;
  const std::string& holder() const noexcept { return holder_; }

 private:
  base::result<upkeep_report> forget(repositories& tables, base::system_time now) const;

  usage_retention retention() const;

  service_tools tools_;
  mutable std::mutex mutex_;
  usage_retention retention_;
  std::string holder_;
};

}
