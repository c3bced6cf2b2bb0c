#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t epochs_closed_at_once = 100;
inline constexpr std::size_t rows_pruned_at_once = 5000;
inline constexpr int prunings_a_run = 20;

struct pruning_terms {
  std::chrono::hours sessions{48};
  std::chrono::hours quarantine = std::chrono::days(30);
};

struct pruning_report {
  std::uint64_t epochs = 0;
  std::uint64_t sessions = 0;
  std::uint64_t quarantined = 0;
};

class usage_pruning {
 public:
  explicit usage_pruning(const service_tools& tools, const pruning_terms& terms = {})
      : tools_(tools), terms_(terms) {}

  void use(const pruning_terms& terms);
  base::result<pruning_report> run() const;

 private:
  base::result<std::uint64_t> close_finished() const;
  base::result<std::uint64_t> prune_sessions() const;
  base::result<std::uint64_t> prune_ended() const;
  base::result<std::uint64_t> prune_quarantine() const;

  pruning_terms terms() const;

  service_tools tools_;
  mutable std::mutex mutex_;
  pruning_terms terms_;
};

}
