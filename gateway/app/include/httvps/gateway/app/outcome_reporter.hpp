#pragma once

#include <chrono>
#include <utility>
#include <vector>

#include "httvps/base/log.hpp"
#include "httvps/gateway/control/control_plane.hpp"
#include "httvps/net/task.hpp"

namespace httvps::gateway {

inline constexpr std::size_t outcomes_most = 256;
inline constexpr std::chrono::seconds outcome_interval{10};

class outcome_source {
 public:
  virtual ~outcome_source() = default;
  virtual net::task<std::vector<node_outcome>> collect_outcomes(std::size_t most) = 0;
};

std::vector<node_outcome> merge_outcomes(const std::vector<node_outcome>& all);

class outcome_reporter {
 public:
  outcome_reporter(control_plane& control, base::logger log, std::vector<outcome_source*> sources)
      : control_(control), log_(std::move(log)), sources_(std::move(sources)) {}

  net::task<> run();

 private:
  net::task<> report();

  control_plane& control_;
  base::logger log_;
  std::vector<outcome_source*> sources_;
};

}
