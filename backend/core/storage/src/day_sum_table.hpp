#pragma once

#include "connection.hpp"
#include "httvps/backend/services/day_sum_repository.hpp"

namespace httvps::backend::storage {

class day_sum_table final : public services::day_sum_repository {
 public:
  explicit day_sum_table(connection& database) noexcept : database_(database) {}
  base::result<std::vector<services::node_sum>> by_node(services::usage_book book,
                                                        const services::utc_day& day) override;
  base::result<services::unfinished_usage> unfinished(const services::utc_day& day) override;
  base::result<std::vector<services::epoch_gap>> gaps(const services::utc_day& day,
                                                      std::size_t most) override;

 private:
  connection& database_;
};

}
