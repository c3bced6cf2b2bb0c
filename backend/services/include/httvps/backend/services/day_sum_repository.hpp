#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "httvps/backend/services/usage_repositories.hpp"

namespace httvps::backend::services {

enum class usage_book { journal, hours, days };
BOOST_DESCRIBE_ENUM(usage_book, journal, hours, days)

struct utc_day {
  std::string text;
  base::system_time begins;
  base::system_time ends;
};

struct node_sum {
  models::node_id node;
  std::uint64_t rows = 0;
  models::traffic sum;
};

struct unfinished_usage {
  std::uint64_t uncounted_batches = 0;
  std::uint64_t uncounted_rows = 0;
  std::uint64_t waiting_batches = 0;
  std::uint64_t waiting_rows = 0;
  models::traffic waiting = {};
};

struct epoch_gap {
  epoch_name epoch;
  std::uint64_t acked_through = 0;
  std::uint64_t highest = 0;
  std::uint64_t missing = 0;
};

class day_sum_repository {
 public:
  virtual ~day_sum_repository() = default;
  virtual base::result<std::vector<node_sum>> by_node(usage_book book, const utc_day& day) = 0;
  virtual base::result<unfinished_usage> unfinished(const utc_day& day) = 0;
  virtual base::result<std::vector<epoch_gap>> gaps(const utc_day& day, std::size_t most) = 0;
};

}
