#include "probe.hpp"

namespace httvps::node {
namespace {

base::counter add_renewals(base::metric_registry& registry, const char* result) {
  return registry.add_counter({.name = "httvps_node_credential_renewals_total",
                               .help = "Renewals of the agent's credential by their result.",
                               .labels = {{"result", result}}});
}

}

probe::probe(base::metric_registry& registry)
    : backend_call_seconds(registry.add_histogram(
          {"httvps_node_backend_call_seconds", "Time of a control plane call without long polls."},
          base::latency_bounds_seconds)),
      backend_failures(
          registry.add_counter({"httvps_node_backend_failures_total",
                                "Control plane calls without long polls that got no answer."})),
      server_reloads(registry.add_counter(
          {"httvps_node_server_reloads_total", "Signals to the Outline server to load its keys."})),
      server_exits(registry.add_counter(
          {"httvps_node_server_exits_total", "Times that the Outline server ended by itself."})),
      scrape_failures(registry.add_counter(
          {"httvps_node_scrape_failures_total", "Readings of the server's metrics that failed."})),
      rollout_failures(registry.add_counter(
          {"httvps_node_rollout_failures_total", "Key revisions that could not be brought up."})),
      renewals_done(add_renewals(registry, "renewed")),
      renewals_failed(add_renewals(registry, "failed")) {}

}
