#pragma once

#include <vector>

#include "httvps/gateway/app/outcome_reporter.hpp"
#include "httvps/gateway/app/worker.hpp"
#include "httvps/gateway/usage/usage_reporter.hpp"

namespace httvps::gateway {

class worker_usage final : public usage_source, public outcome_source {
 public:
  explicit worker_usage(worker& from) : worker_(from) {}

  net::task<std::vector<usage_row>> collect(std::size_t most) override;
  net::task<> acknowledge(std::vector<usage_row> rows) override;
  net::task<std::vector<node_outcome>> collect_outcomes(std::size_t most) override;

 private:
  net::task<std::vector<usage_row>> collect_here(std::size_t most);
  net::task<> acknowledge_here(std::vector<usage_row> rows);
  net::task<std::vector<node_outcome>> outcomes_here(std::size_t most);

  worker& worker_;
};

}
