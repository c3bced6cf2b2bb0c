#include "duty_gauge.hpp"

#include <string>

namespace httvps::backend::core {

void add_duty_gauge(base::metric_registry& metrics, std::string_view name,
                    std::function<bool()> holds) {
  metrics.add_callback_gauge(
      {.name = "httvps_backend_lease_holder",
       .help = "1 when this process does the work that one process at a time may do.",
       .labels = {{"name", std::string(name)}}},
      [holds = std::move(holds)] { return holds() ? 1.0 : 0.0; });
}

}
