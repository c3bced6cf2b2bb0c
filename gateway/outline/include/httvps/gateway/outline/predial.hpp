#pragma once

#include <chrono>
#include <cstddef>

#include "httvps/base/clock.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::gateway {

struct predial_settings {
  std::size_t most = 0;
  base::duration oldest = std::chrono::seconds(20);
  base::duration warm = std::chrono::seconds(10);
};

struct predial_meter {
  base::counter hits = {};
  base::counter misses = {};
  base::counter expired = {};
  base::counter lost = {};
  base::gauge idle = {};
};

}
