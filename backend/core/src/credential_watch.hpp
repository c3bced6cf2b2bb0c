#pragma once

#include <atomic>
#include <cstdint>

#include "httvps/backend/services/credential_service.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::backend::core {

class credential_watch {
 public:
  credential_watch(const services::service_tools& tools, base::metric_registry& metrics);

  base::result<> look();

 private:
  struct figures {
    std::atomic<std::int64_t> oldest{0};
    std::atomic<std::int64_t> nearest_end{0};
  };

  static void add_gauges(base::metric_registry& metrics, const char* kind, const figures& shown);
  static void note(figures& into, const services::credential_ages& found);

  services::credential_service credentials_;
  figures gateways_;
  figures nodes_;
};

}
