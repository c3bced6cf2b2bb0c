#pragma once

#include <algorithm>

#include "httvps/base/clock.hpp"
#include "httvps/wire/limits.hpp"
#include "httvps/wire/types.hpp"

namespace httvps::wire {

class drain_meter {
 public:
  void start(base::steady_time now) noexcept { since_ = now; }

  bool half_drained_fast(byte_count consumed, byte_count window, base::duration round_trip,
                         base::steady_time now) noexcept {
    const auto span = 2 * std::max<base::duration>(round_trip, round_trip_floor);
    const bool half = consumed - from_ >= window / 2;
    const bool slow = now - since_ > span;
    if (half || slow) {
      from_ = consumed;
      since_ = now;
    }
    return half && !slow;
  }

 private:
  base::steady_time since_{};
  byte_count from_ = 0;
};

}
