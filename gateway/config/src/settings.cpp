#include "httvps/gateway/config/settings.hpp"

#include <algorithm>
#include <thread>

#include "httvps/gateway/config/memory_limit.hpp"
#include "httvps/net/endpoint.hpp"

namespace httvps::gateway {
namespace {

bool is_loopback_place(const std::string& text) {
  const auto place = net::parse_endpoint(text);
  return place && net::is_loopback(place->host);
}

std::size_t thread_count(std::int64_t wanted) {
  if (wanted > 0) {
    return static_cast<std::size_t>(wanted);
  }
  return std::max(1U, std::thread::hardware_concurrency());
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
  chosen.state_interval = source.time("gateway.state_interval");
  chosen.drain = source.time("gateway.drain");
  chosen.upgrade_limit = source.time("gateway.upgrade_limit");
}

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
  chosen.public_addresses = source.list("gateway.public_addresses");
  chosen.certificate_file = source.text("gateway.tls_certificate");
  chosen.key_file = source.text("gateway.tls_key");
  chosen.next_key_file = source.text("gateway.tls_next_key");
  chosen.state_dir = source.text("gateway.state_dir");
  chosen.runtime_dir = source.text("gateway.runtime_dir");
  if (chosen.runtime_dir.empty()) {
    chosen.runtime_dir = chosen.state_dir + "/run";
  }
  read_limits(source, chosen);
  read_memory(source, outcome);
  chosen.aead_engine = shadowsocks::engine_from_name(source.text("gateway.aead_engine"))
                           .value_or(shadowsocks::engine_choice::automatic);
  read_times(source, chosen);
  chosen.builtin_site_acknowledged = source.flag("decoy.builtin_ack");
  chosen.log_file = source.text("gateway.log_file");
  chosen.log_level =
      base::parse_log_level(source.text("gateway.log_level")).value_or(base::log_level::info);
  check_site(chosen, outcome.problems);
  check_metrics(chosen, outcome.problems);
  return outcome;
}

}
