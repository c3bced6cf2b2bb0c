#include "credential_watch.hpp"

namespace httvps::backend::core {

credential_watch::credential_watch(const services::service_tools& tools,
                                   base::metric_registry& metrics)
    : credentials_(tools) {
  add_gauges(metrics, "gateway", gateways_);
  add_gauges(metrics, "node", nodes_);
}

void credential_watch::add_gauges(base::metric_registry& metrics, const char* kind,
                                  const figures& shown) {
  metrics.add_callback_gauge({.name = "httvps_backend_credential_age_seconds",
                              .help = "Age of the oldest credential in use, by kind of its owner.",
                              .labels = {{"kind", kind}}},
                             [&shown] { return static_cast<double>(shown.oldest.load()); });
  metrics.add_callback_gauge(
      {.name = "httvps_backend_credential_expiry_seconds",
       .help = "Time until the first credential in use expires, negative when it has; 0 when none "
               "expires.",
       .labels = {{"kind", kind}}},
      [&shown] { return static_cast<double>(shown.nearest_end.load()); });
}

void credential_watch::note(figures& into, const services::credential_ages& found) {
  into.oldest = found.oldest.count();
  into.nearest_end = found.nearest_end.value_or(std::chrono::seconds(0)).count();
}

base::result<> credential_watch::look() {
  HTTVPS_TRY(const auto found, credentials_.survey());
  note(gateways_, found.gateways);
  note(nodes_, found.nodes);
  return {};
}

}
