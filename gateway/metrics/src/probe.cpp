#include "httvps/gateway/metrics/probe.hpp"

namespace httvps::gateway {

gateway_probe::gateway_probe(base::metric_registry& registry)
    : connections(registry.add_gauge(
          {"httvps_gateway_connections", "Connections that are open on the public listener."})),
      connections_accepted(registry.add_counter(
          {"httvps_gateway_connections_accepted_total", "Connections accepted since start."})),
      connections_refused(registry.add_counter({"httvps_gateway_connections_refused_total",
                                                "Connections closed because of the limit."})),
      strangers_dropped(
          registry.add_counter({"httvps_gateway_strangers_dropped_total",
                                "Connections closed for newer ones before they were recognised."})),
      tls_failures(registry.add_counter(
          {"httvps_gateway_tls_failures_total", "TLS handshakes that did not finish."})),
      site_requests(registry.add_counter(
          {"httvps_gateway_site_requests_total", "Requests answered by the web site."})),
      recognised(registry.add_counter(
          {"httvps_gateway_recognised_total", "Connections recognised as carriers."})),
      not_recognised(registry.add_counter({"httvps_gateway_not_recognised_total",
                                           "Upgrade requests that the knock did not open."})),
      carriers_waiting(registry.add_gauge({"httvps_gateway_carriers_waiting",
                                           "Recognised carriers that have no session of their own: "
                                           "no HELLO yet, or control only."})),
      carriers_dropped(registry.add_counter(
          {"httvps_gateway_carriers_dropped_total", "Waiting carriers closed for newer ones."})),
      carriers(registry.add_gauge(
          {"httvps_gateway_carriers", "Carriers that are attached to a session."})),
      carriers_attached(registry.add_counter({"httvps_gateway_carriers_attached_total",
                                              "Carriers attached to sessions since start."})),
      carriers_handed_over(
          registry.add_counter({"httvps_gateway_carriers_handed_over_total",
                                "Carriers given to the thread that their session lives on."})),
      carriers_passed_on(registry.add_counter(
          {"httvps_gateway_carriers_passed_on_total",
           "Carriers passed on to another process of this machine that has their session."})),
      carriers_taken_in(registry.add_counter(
          {"httvps_gateway_carriers_taken_in_total",
           "Carriers of sessions here that another process of this machine passed on."})),
      carriers_relayed(registry.add_gauge(
          {"httvps_gateway_carriers_relayed",
           "Carriers that are relayed to another process of this machine at the moment."})),
      carriers_lost(registry.add_counter(
          {"httvps_gateway_carriers_lost_total", "Carriers of sessions that broke or were cut."})),
      carriers_suspected(registry.add_counter(
          {"httvps_gateway_carriers_suspected_total",
           "Carriers given up because what was sent on them went unanswered."})),
      sessions_detached(registry.add_gauge(
          {"httvps_gateway_sessions_detached", "Sessions that have no carrier at the moment."})),
      sessions_resumed(
          registry.add_counter({"httvps_gateway_sessions_resumed_total",
                                "Sessions that had no carrier and were joined by one again."})),
      sessions_refused(registry.add_counter(
          {"httvps_gateway_sessions_refused_total", "Carriers answered with REFUSE."})),
      sessions_opened(registry.add_counter(
          {"httvps_gateway_sessions_opened_total", "Sessions opened since start."})),
      sessions(registry.add_gauge({"httvps_gateway_sessions", "Sessions that are open."})),
      session_errors(registry.add_counter(
          {"httvps_gateway_session_errors_total", "Sessions ended by an error of the peer."})),
      streams_opened(registry.add_counter(
          {"httvps_gateway_streams_opened_total", "Streams opened since start."})),
      streams(registry.add_gauge({"httvps_gateway_streams", "Streams that are open."})),
      stream_failures(registry.add_counter({"httvps_gateway_stream_failures_total",
                                            "Streams ended by an error at the node or target."})),
      bytes_up(registry.add_counter(
          {"httvps_gateway_bytes_up_total", "Payload bytes written to nodes."})),
      bytes_down(registry.add_counter(
          {"httvps_gateway_bytes_down_total", "Payload bytes read from nodes."})),
      flows(registry.add_gauge(
          {"httvps_gateway_flows", "UDP flows that have a socket towards a node."})),
      datagrams_up(registry.add_counter(
          {"httvps_gateway_datagrams_up_total", "Datagrams written to nodes."})),
      datagrams_down(registry.add_counter(
          {"httvps_gateway_datagrams_down_total", "Datagrams read from nodes."})),
      datagrams_dropped(registry.add_counter(
          {"httvps_gateway_datagrams_dropped_total",
           "Datagrams dropped: no flow or room left, late, unreadable or no node to take them."})),
      node_connect_seconds(registry.add_histogram(
          {"httvps_gateway_node_connect_seconds", "Time to connect to a node."},
          base::latency_bounds_seconds)),
      predial_hits(registry.add_counter({"httvps_gateway_predial_hits_total",
                                         "Streams that found a node connection made ahead."})),
      predial_misses(registry.add_counter(
          {"httvps_gateway_predial_misses_total", "Streams that had to connect to their node."})),
      predial_expired(registry.add_counter(
          {"httvps_gateway_predial_expired_total", "Node connections made ahead and not used."})),
      predial_lost(
          registry.add_counter({"httvps_gateway_predial_lost_total",
                                "Node connections made ahead that the node closed before use."})),
      predial_idle(registry.add_gauge({"httvps_gateway_predial_connections",
                                       "Node connections made ahead that wait for a stream."})),
      backend_call_seconds(registry.add_histogram(
          {"httvps_gateway_backend_call_seconds", "Time of a control plane call."},
          base::latency_bounds_seconds)),
      backend_failures(registry.add_counter(
          {"httvps_gateway_backend_failures_total", "Control plane calls that failed."})),
      validations_alone(registry.add_counter(
          {"httvps_gateway_validations_alone_total", "Calls that validated one device."})),
      validations_together(
          registry.add_counter({"httvps_gateway_validations_together_total",
                                "Calls that validated several devices that waited."})),
      validations_regrouped(registry.add_counter(
          {"httvps_gateway_validations_regrouped_total",
           "Calls for several devices that the backend did not take: asked again one by one."})),
      validations_waiting(registry.add_gauge(
          {"httvps_gateway_validations_waiting", "Devices that wait to be validated."})),
      usage_batches(registry.add_counter(
          {"httvps_gateway_usage_batches_total", "Usage batches acknowledged."})),
      usage_batches_sent(registry.add_counter(
          {"httvps_gateway_usage_batches_sent_total", "Usage batches sent, repeats included."})),
      usage_batches_retried(
          registry.add_counter({"httvps_gateway_usage_batches_retried_total",
                                "Usage batches sent again because they were not acknowledged."})),
      usage_gaps_filled(
          registry.add_counter({"httvps_gateway_usage_gaps_filled_total",
                                "Numbers of batches that the control plane missed and the gateway "
                                "no longer has."})),
      usage_write_failures(
          registry.add_counter({"httvps_gateway_usage_write_failures_total",
                                "Writes and syncs of unreported usage that failed."})),
      usage_records_cut(
          registry.add_counter({"httvps_gateway_usage_records_cut_total",
                                "Files of unreported usage that ended in a damaged record."})),
      usage_compactions(registry.add_counter(
          {"httvps_gateway_usage_compactions_total",
           "Times that unreported usage was cut down to the latest row of each session."})),
      lease_renewals(registry.add_counter(
          {"httvps_gateway_lease_renewals_total", "Calls for quota that were answered."})),
      lease_failures(
          registry.add_counter({"httvps_gateway_lease_failures_total",
                                "Calls for quota that failed, and leases that were refused."})),
      quota_ends(registry.add_counter(
          {"httvps_gateway_quota_ends_total", "Sessions ended because their quota was used up."})),
      revocation_ends(registry.add_counter(
          {"httvps_gateway_revocation_ends_total",
           "Sessions ended because their device was revoked or its access suspended."})),
      expiry_ends(registry.add_counter({"httvps_gateway_expiry_ends_total",
                                        "Sessions ended because their subscription ended."})),
      denial_ends(registry.add_counter(
          {"httvps_gateway_denial_ends_total",
           "Sessions ended because a later validation of their device was denied."})),
      rechecks_allowed(registry.add_counter({.name = "httvps_gateway_rechecks_total",
                                             .help = "Validations of running sessions.",
                                             .labels = {{"result", "allowed"}}})),
      rechecks_unanswered(registry.add_counter({.name = "httvps_gateway_rechecks_total",
                                                .help = "Validations of running sessions.",
                                                .labels = {{"result", "unanswered"}}})) {}

}
