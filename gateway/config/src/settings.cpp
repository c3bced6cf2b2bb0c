#include "httvps/gateway/config/settings.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "httvps/gateway/config/memory_limit.hpp"

namespace httvps::gateway {
namespace {

using base::property_kind;

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    if (comma > 0) {
      parts.emplace_back(text.substr(0, comma));
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

bool is_loopback_place(std::string_view place) {
  return place.starts_with("127.") || place.starts_with("[::1]") || place.starts_with("localhost:");
}

std::size_t thread_count(std::int64_t wanted) {
  if (wanted > 0) {
    return static_cast<std::size_t>(wanted);
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

std::vector<base::property> network_properties() {
  return {
      {.name = "gateway.listen",
       .environment = "GATEWAY_LISTEN",
       .description = "Address and port of the public HTTPS listener; port 0 takes a free one.",
       .fallback = "127.0.0.1:8443"},
      {.name = "gateway.address_file",
       .environment = "GATEWAY_ADDRESS_FILE",
       .description = "File that receives the bound addresses as JSON once the gateway listens."},
      {.name = "gateway.metrics_listen",
       .environment = "GATEWAY_METRICS_LISTEN",
       .description = "Loopback address of /healthz, /readyz and /metrics.",
       .fallback = "127.0.0.1:0"},
      {.name = "gateway.tls_certificate",
       .environment = "GATEWAY_TLS_CERTIFICATE",
       .description = "PEM file with the certificate chain of the web site.",
       .required = true},
      {.name = "gateway.tls_key",
       .environment = "GATEWAY_TLS_KEY",
       .description = "PEM file with the private key of the certificate.",
       .required = true},
      {.name = "decoy.builtin_ack",
       .environment = "DECOY_BUILTIN_ACK",
       .description = "Allows the built-in demonstration site on a public address.",
       .kind = property_kind::flag,
       .fallback = "false"},
  };
}

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

std::vector<base::property> identity_properties() {
  return {
      {.name = "gateway.name",
       .environment = "GATEWAY_NAME",
       .description = "Name under which the gateway joins; unique in a deployment.",
       .fallback = "gateway"},
      {.name = "gateway.region",
       .environment = "GATEWAY_REGION",
       .description = "Code of the region that the gateway serves.",
       .fallback = "default"},
      {.name = "gateway.public_host",
       .environment = "GATEWAY_PUBLIC_HOST",
       .description = "Host name that clients verify and send as SNI.",
       .fallback = "localhost"},
      {.name = "gateway.public_addresses",
       .environment = "GATEWAY_PUBLIC_ADDRESSES",
       .description = "Comma separated ip:port list that clients dial; empty means the bound one."},
      {.name = "gateway.backend_url",
       .environment = "GATEWAY_BACKEND_URL",
       .description = "Base URL of the control plane.",
       .required = true},
      {.name = "gateway.join_secret",
       .environment = "BACKEND_GATEWAY_SECRET",
       .description = "Join secret or one-use join token; needed for the first start only.",
       .kind = property_kind::secret},
      {.name = "gateway.state_dir",
       .environment = "GATEWAY_STATE_DIR",
       .description = "Directory for the gateway's keys and credential; mode 0700.",
       .fallback = "/var/lib/httvps-gateway"},
      {.name = "gateway.runtime_dir",
       .environment = "GATEWAY_RUNTIME_DIR",
       .description = "Directory for the socket over which another gateway process of this machine "
                      "passes carriers on, one for all processes of a gateway; mode 0700. Empty "
                      "means run in gateway.state_dir."},
  };
}

std::vector<base::property> running_properties() {
  return {
      {.name = "gateway.threads",
       .environment = "GATEWAY_THREADS",
       .description = "Worker threads; 0 means one a core.",
       .kind = property_kind::number,
       .fallback = "0",
       .least = 0,
       .most = 256},
      {.name = "gateway.aead_engine",
       .environment = "GATEWAY_AEAD_ENGINE",
       .description =
           "Engine for the cipher towards the nodes: auto takes the fastest one that the "
           "processor can run, openssl, or ipsec-mb (AVX-512 with VAES).",
       .fallback = "auto"},
      {.name = "gateway.memory",
       .environment = "GATEWAY_MEMORY",
       .description = "Bytes for unacknowledged and unread stream data of all sessions; 0 means a "
                      "quarter of the memory that the machine and the control group allow.",
       .kind = property_kind::number,
       .fallback = "0",
       .least = 0,
       .most = 1099511627776},
      {.name = "gateway.usage_memory",
       .environment = "GATEWAY_USAGE_MEMORY",
       .description = "Bytes of usage kept until the backend takes it; above it no new sessions.",
       .kind = property_kind::number,
       .fallback = "67108864",
       .least = 16384,
       .most = 1099511627776},
  };
}

std::vector<base::property> usage_properties() {
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

std::vector<base::property> usage_spool_properties() {
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

std::vector<base::property> timing_properties() {
  return {
      {.name = "gateway.handshake_timeout",
       .environment = "GATEWAY_HANDSHAKE_TIMEOUT",
       .description = "Milliseconds for a TLS handshake, and again for the HELLO of a carrier.",
       .kind = property_kind::milliseconds,
       .fallback = "10000",
       .least = 100,
       .most = 600000},
      {.name = "gateway.head_timeout",
       .environment = "GATEWAY_HEAD_TIMEOUT",
       .description = "Milliseconds for the head of a request, and between two requests.",
       .kind = property_kind::milliseconds,
       .fallback = "60000",
       .least = 100,
       .most = 600000},
      {.name = "gateway.heartbeat_interval",
       .environment = "GATEWAY_HEARTBEAT_INTERVAL",
       .description = "Milliseconds between heartbeats.",
       .kind = property_kind::milliseconds,
       .fallback = "5000",
       .least = 100,
       .most = 600000},
  };
}

std::vector<base::property> ending_properties() {
  return {
      {.name = "gateway.half_closed_idle",
       .environment = "GATEWAY_HALF_CLOSED_IDLE",
       .description = "Milliseconds without a byte after which a half-closed stream is reset.",
       .kind = property_kind::milliseconds,
       .fallback = "600000",
       .least = 1000,
       .most = 86400000},
      {.name = "gateway.drain",
       .environment = "GATEWAY_DRAIN",
       .description = "Milliseconds that open streams may go on after SIGTERM.",
       .kind = property_kind::milliseconds,
       .fallback = "30000",
       .least = 0,
       .most = 3600000},
      {.name = "gateway.upgrade_limit",
       .environment = "GATEWAY_UPGRADE_LIMIT",
       .description = "Milliseconds that sessions with open streams may stay after SIGUSR2, before "
                      "the gateway drains.",
       .kind = property_kind::milliseconds,
       .fallback = "1800000",
       .least = 0,
       .most = 86400000},
  };
}

std::vector<base::property> log_properties() {
  return {
      {.name = "gateway.log_file",
       .environment = "GATEWAY_LOG_FILE",
       .description = "File for JSON log lines; empty means standard error."},
      {.name = "gateway.log_level",
       .environment = "GATEWAY_LOG_LEVEL",
       .description = "Least level that is logged: debug, info, warn or error.",
       .fallback = "info"},
  };
}

void check_site(const gateway_settings& chosen, std::vector<base::setting_problem>& problems) {
  if (!chosen.builtin_site_acknowledged && !is_loopback_place(chosen.listen)) {
    problems.push_back({"decoy.builtin_ack",
                        "The built-in site is for demonstration and tests. Listen on a loopback "
                        "address or set DECOY_BUILTIN_ACK=true."});
  }
}

void check_metrics(const gateway_settings& chosen, std::vector<base::setting_problem>& problems) {
  if (!is_loopback_place(chosen.metrics_listen)) {
    problems.push_back(
        {"gateway.metrics_listen", "gateway.metrics_listen must be a loopback address."});
  }
}

void read_engine(const base::settings& source, settings_outcome& outcome) {
  const auto engine = shadowsocks::engine_from_name(source.text("gateway.aead_engine"));
  outcome.chosen.aead_engine = engine.value_or(shadowsocks::engine_choice::automatic);
  if (!engine) {
    outcome.problems.push_back(
        {"gateway.aead_engine", "gateway.aead_engine must be auto, openssl or ipsec-mb."});
  }
}

void read_limits(const base::settings& source, gateway_settings& chosen) {
  const auto count = [&source](const char* name) {
    return static_cast<std::size_t>(source.number(name));
  };
  chosen.threads = thread_count(source.number("gateway.threads"));
  chosen.connections = count("gateway.connections");
  chosen.site_connections = count("gateway.site_connections");
  chosen.waiting_carriers = count("gateway.waiting_carriers");
  chosen.streams = count("gateway.streams");
  chosen.device_streams = count("gateway.device_streams");
  chosen.flows = count("gateway.flows");
  chosen.session_flows = count("gateway.session_flows");
  chosen.predial = count("gateway.predial");
  chosen.node_key_age = source.time("gateway.node_key_age");
  chosen.usage_memory = static_cast<base::byte_count>(source.number("gateway.usage_memory"));
  chosen.usage_spool = static_cast<base::byte_count>(source.number("gateway.usage_spool"));
  chosen.usage_segment = static_cast<base::byte_count>(source.number("gateway.usage_segment"));
  chosen.session_carriers = count("gateway.session_carriers");
}

void read_memory(const base::settings& source, settings_outcome& outcome) {
  constexpr base::byte_count least = 16 * base::mebibyte;
  const auto wanted = static_cast<base::byte_count>(source.number("gateway.memory"));
  outcome.chosen.memory = wanted > 0 ? wanted : std::max(least, memory_limit({}) / 4);
  if (wanted > 0 && wanted < least) {
    outcome.problems.push_back(
        {"gateway.memory", "gateway.memory must be 0 or at least 16777216."});
  }
}

void read_times(const base::settings& source, gateway_settings& chosen) {
  chosen.session_grace = source.time("gateway.session_grace");
  chosen.half_closed_idle = source.time("gateway.half_closed_idle");
  chosen.handshake_timeout = source.time("gateway.handshake_timeout");
  chosen.head_timeout = source.time("gateway.head_timeout");
  chosen.usage_interval = source.time("gateway.usage_interval");
  chosen.usage_sync = source.time("gateway.usage_sync");
  chosen.usage_retry = source.time("gateway.usage_retry");
  chosen.usage_keep =
      std::chrono::duration_cast<std::chrono::seconds>(source.time("gateway.usage_keep"));
  chosen.heartbeat_interval = source.time("gateway.heartbeat_interval");
  chosen.drain = source.time("gateway.drain");
  chosen.upgrade_limit = source.time("gateway.upgrade_limit");
}

}

std::vector<base::property> gateway_properties() {
  auto all = network_properties();
  for (const auto& group :
       {limit_properties(), session_properties(), node_properties(), identity_properties(),
        running_properties(), usage_properties(), usage_spool_properties(), timing_properties(),
        ending_properties(), log_properties()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

settings_outcome read_settings(const base::settings& source) {
  settings_outcome outcome;
  outcome.problems = source.validate();
  auto& chosen = outcome.chosen;
  chosen.listen = source.text("gateway.listen");
  chosen.address_file = source.text("gateway.address_file");
  chosen.metrics_listen = source.text("gateway.metrics_listen");
  chosen.backend_url = source.text("gateway.backend_url");
  chosen.join_secret = base::secret_bytes::from_text(source.text("gateway.join_secret"));
  chosen.name = source.text("gateway.name");
  chosen.region = source.text("gateway.region");
  chosen.public_host = source.text("gateway.public_host");
  chosen.public_addresses = split_list(source.text("gateway.public_addresses"));
  chosen.certificate_file = source.text("gateway.tls_certificate");
  chosen.key_file = source.text("gateway.tls_key");
  chosen.state_dir = source.text("gateway.state_dir");
  chosen.runtime_dir = source.text("gateway.runtime_dir");
  if (chosen.runtime_dir.empty()) {
    chosen.runtime_dir = chosen.state_dir + "/run";
  }
  read_limits(source, chosen);
  read_memory(source, outcome);
  read_engine(source, outcome);
  read_times(source, chosen);
  chosen.builtin_site_acknowledged = source.flag("decoy.builtin_ack");
  chosen.log_file = source.text("gateway.log_file");
  const auto level = base::parse_log_level(source.text("gateway.log_level"));
  chosen.log_level = level.value_or(base::log_level::info);
  if (!level) {
    outcome.problems.push_back(
        {"gateway.log_level", "gateway.log_level must be debug, info, warn or error."});
  }
  check_site(chosen, outcome.problems);
  check_metrics(chosen, outcome.problems);
  return outcome;
}

}
