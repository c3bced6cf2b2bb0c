#include "metrics_settings.hpp"

#include "httvps/net/endpoint.hpp"

namespace httvps::backend::core {

std::vector<base::property> metrics_properties() {
  return {{.name = "backend.metrics_listen",
           .environment = "BACKEND_METRICS_LISTEN",
           .description = "Loopback address of /metrics and /healthz; port 0 takes a free one. The "
                          "REST API gives metrics to administrators alone.",
           .fallback = "127.0.0.1:0"},
          {.name = "backend.metrics_address_file",
           .environment = "BACKEND_METRICS_ADDRESS_FILE",
           .description = "File that receives the bound address of metrics as HOST:PORT."}};
}

void read_metrics(const base::settings& source, backend_settings& chosen,
                  std::vector<base::setting_problem>& problems) {
  chosen.metrics_listen = source.text("backend.metrics_listen");
  chosen.metrics_address_file = source.text("backend.metrics_address_file");
  const auto place = net::parse_endpoint(chosen.metrics_listen);
  if (!place || !net::is_loopback(place->host)) {
    problems.push_back({"backend.metrics_listen",
                        "backend.metrics_listen must be a loopback address such as 127.0.0.1:9091; "
                        "other machines ask GET /api/v1/admin/metrics with a token."});
  }
}

}
