#pragma once

#include <string_view>

#include "httvps/base/log.hpp"
#include "httvps/base/metrics.hpp"

namespace httvps::gateway {

struct gateway_probe {
  explicit gateway_probe(base::metric_registry& registry);

  base::gauge connections;
  base::counter connections_accepted;
  base::counter connections_refused;
  base::counter strangers_dropped;
  base::counter tls_failures;
  base::counter site_requests;
  base::counter recognised;
  base::counter not_recognised;
  base::gauge carriers_waiting;
  base::counter carriers_dropped;
  base::gauge carriers;
  base::counter carriers_attached;
  base::counter carriers_handed_over;
  base::counter carriers_passed_on;
  base::counter carriers_taken_in;
  base::gauge carriers_relayed;
  base::counter carriers_lost;
  base::counter carriers_suspected;
  base::gauge sessions_detached;
  base::counter sessions_resumed;
  base::counter sessions_refused;
  base::counter sessions_opened;
  base::gauge sessions;
  base::counter session_errors;
  base::counter streams_opened;
  base::gauge streams;
  base::counter stream_failures;
  base::counter bytes_up;
  base::counter bytes_down;
  base::gauge flows;
  base::counter datagrams_up;
  base::counter datagrams_down;
  base::counter datagrams_dropped;
  base::histogram node_connect_seconds;
  base::counter predial_hits;
  base::counter predial_misses;
  base::counter predial_expired;
  base::counter predial_lost;
  base::gauge predial_idle;
  base::histogram backend_call_seconds;
  base::counter backend_failures;
  base::counter validations_alone;
  base::counter validations_together;
  base::counter validations_regrouped;
  base::gauge validations_waiting;
  base::counter usage_batches;
  base::counter usage_batches_sent;
  base::counter usage_batches_retried;
  base::counter usage_gaps_filled;
  base::counter usage_write_failures;
  base::counter usage_records_cut;
  base::counter usage_compactions;
  base::counter lease_renewals;
  base::counter lease_failures;
  base::counter quota_ends;
  base::counter revocation_ends;
  base::counter expiry_ends;
  base::counter denial_ends;
  base::counter rechecks_allowed;
  base::counter rechecks_unanswered;
};

}
