#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/day_sum_repository.hpp"
#include "httvps/backend/services/settings_service.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_gaps_shown = 100;

struct book_total {
  usage_book book = usage_book::journal;
  bool is_held = false;
  std::uint64_t rows = 0;
  models::traffic sum = {};
};

struct book_difference {
  usage_book book = usage_book::journal;
  usage_book other = usage_book::hours;
  models::node_id node;
  models::traffic in_book = {};
  models::traffic in_other = {};
};

struct proven_day {
  std::string day;
  bool is_over = false;
  std::vector<book_total> books = {};
  std::vector<book_difference> differences = {};
  unfinished_usage unfinished = {};
  std::vector<epoch_gap> gaps = {};

  bool agrees() const noexcept { return differences.empty(); }
  bool is_complete() const noexcept;
};

class usage_proof {
 public:
  usage_proof(const service_tools& tools, const settings_service& settings, std::chrono::days kept)
      : tools_(tools), settings_(settings), kept_(kept) {}

  base::result<proven_day> on(std::optional<std::chrono::sys_days> day) const;

 private:
  service_tools tools_;
  const settings_service& settings_;
  std::chrono::days kept_;
};

}
