#include "bound_properties.hpp"

namespace httvps::gateway {
namespace {

using base::property_kind;

std::vector<base::property> limit_properties() {
  return {
      {.name = "gateway.connections",
       .environment = "GATEWAY_CONNECTIONS",
       .description = "Connections the gateway holds at most; more are closed at once.",
       .kind = property_kind::number,
       .fallback = "10000",
       .least = 16,
       .most = 1000000},
      {.name = "gateway.site_connections",
       .environment = "GATEWAY_SITE_CONNECTIONS",
       .description = "Connections not recognised as carriers at most; the oldest makes way.",
       .kind = property_kind::number,
       .fallback = "768",
       .least = 16,
       .most = 1000000},
      {.name = "gateway.waiting_carriers",
       .environment = "GATEWAY_WAITING_CARRIERS",
       .description = "Carriers without a session of their own at most; the oldest makes way.",
       .kind = property_kind::number,
       .fallback = "512",
       .least = 16,
       .most = 1000000},
  };
}

std::vector<base::property> session_properties() {
  return {
      {.name = "gateway.streams",
       .environment = "GATEWAY_STREAMS",
       .description = "Streams the gateway relays at most, each with its node connection; further "
                      "ones are refused.",
       .kind = property_kind::number,
       .fallback = "8192",
       .least = 16,
       .most = 1000000},
      {.name = "gateway.session_carriers",
       .environment = "GATEWAY_SESSION_CARRIERS",
       .description = "Carriers that a session may have at a time. One more retires the oldest.",
       .kind = property_kind::number,
       .fallback = "3",
       .least = 1,
       .most = 6},
      {.name = "gateway.session_grace",
       .environment = "GATEWAY_SESSION_GRACE",
       .description = "Milliseconds that a session lives without a carrier.",
       .kind = property_kind::milliseconds,
       .fallback = "60000",
       .least = 1000,
       .most = 3600000},
      {.name = "gateway.device_streams",
       .environment = "GATEWAY_DEVICE_STREAMS",
       .description = "Streams of one device on one worker thread at most.",
       .kind = property_kind::number,
       .fallback = "2048",
       .least = 1,
       .most = 1000000},
  };
}

std::vector<base::property> node_properties() {
  return {
      {.name = "gateway.flows",
       .environment = "GATEWAY_FLOWS",
       .description =
           "UDP flows the gateway relays at most, each with its socket; a further one of "
           "a session takes the place of its longest idle one.",
       .kind = property_kind::number,
       .fallback = "4096",
       .least = 16,
       .most = 1000000},
      {.name = "gateway.session_flows",
       .environment = "GATEWAY_SESSION_FLOWS",
       .description = "UDP flows of one session at most.",
       .kind = property_kind::number,
       .fallback = "256",
       .least = 1,
       .most = 65536},
      {.name = "gateway.predial",
       .environment = "GATEWAY_PREDIAL",
       .description = "Connections to one node that are made ahead at most; each worker thread "
                      "that opens streams keeps at least one. 0 makes none.",
       .kind = property_kind::number,
       .fallback = "4",
       .least = 0,
       .most = 64},
      {.name = "gateway.node_key_age",
       .environment = "GATEWAY_NODE_KEY_AGE",
       .description = "Milliseconds after which the access key of a node that sessions use is "
                      "asked for again.",
       .kind = property_kind::milliseconds,
       .fallback = "60000",
       .least = 100,
       .most = 3600000},
  };
}

std::vector<base::property> reporting_properties() {
  return {
      {.name = "gateway.usage_interval",
       .environment = "GATEWAY_USAGE_INTERVAL",
       .description = "Milliseconds between usage reports, 10 percent more or less by chance.",
       .kind = property_kind::milliseconds,
       .fallback = "60000",
       .least = 100,
       .most = 600000},
      {.name = "gateway.usage_sync",
       .environment = "GATEWAY_USAGE_SYNC",
       .description = "Milliseconds between writes of new usage to the disk; a killed gateway "
                      "loses no more than this.",
       .kind = property_kind::milliseconds,
       .fallback = "10000",
       .least = 50,
       .most = 600000},
      {.name = "gateway.usage_retry",
       .environment = "GATEWAY_USAGE_RETRY",
       .description = "Longest pause in milliseconds before an unacknowledged usage report is "
                      "sent again; it begins at 1000 and doubles.",
       .kind = property_kind::milliseconds,
       .fallback = "60000",
       .least = 50,
       .most = 600000},
  };
}

std::vector<base::property> spool_properties() {
  return {
      {.name = "gateway.usage_spool",
       .environment = "GATEWAY_USAGE_SPOOL",
       .description = "Bytes on disk for unreported usage; above it only the latest counters of "
                      "each session are kept.",
       .kind = property_kind::number,
       .fallback = "2147483648",
       .least = 65536,
       .most = 1099511627776},
      {.name = "gateway.usage_segment",
       .environment = "GATEWAY_USAGE_SEGMENT",
       .description = "Bytes after which a new file of unreported usage begins.",
       .kind = property_kind::number,
       .fallback = "4194304",
       .least = 4096,
       .most = 1073741824},
      {.name = "gateway.usage_keep",
       .environment = "GATEWAY_USAGE_KEEP",
       .description = "Milliseconds that unreported usage is kept in detail; older than that only "
                      "the latest counters of each session are kept.",
       .kind = property_kind::milliseconds,
       .fallback = "604800000",
       .least = 1000,
       .most = 31536000000},
  };
}

}

std::vector<base::property> bound_properties() {
  return base::join_properties({limit_properties(), session_properties(), node_properties()});
}

std::vector<base::property> usage_properties() {
  return base::join_properties({reporting_properties(), spool_properties()});
}

}
