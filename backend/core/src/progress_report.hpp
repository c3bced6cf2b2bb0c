#pragma once

#include "httvps/backend/storage/database_copy.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend {

class progress_report {
 public:
  storage::copy_listener listener();

 private:
  void show(const storage::copy_progress& step);

  base::steady_time shown_at_ = base::real_clock().steady_now();
};

}
