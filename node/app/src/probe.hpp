#pragma once

#include "httvps/base/metrics.hpp"

namespace httvps::node {

struct probe {
  explicit probe(base::metric_registry& registry);

  base::histogram backend_call_seconds;
  base::counter backend_failures;
  base::counter server_reloads;
  base::counter server_exits;
  base::counter scrape_failures;
  base::counter rollout_failures;
  base::counter renewals_done;
  base::counter renewals_failed;
};

}
