#include "httvps/node/config/settings.hpp"

#include <algorithm>
#include <string_view>

#include "httvps/net/endpoint.hpp"

namespace httvps::node {
namespace {

using base::property_kind;
using problems_found = std::vector<base::setting_problem>;

std::vector<base::property> backend_properties() {
  return {
      {.name = "node.backend_url",
       .environment = "NODE_BACKEND_URL",
       .description = "Base URL of the control plane.",
       .required = true},
      {.name = "node.backend_ca",
       .environment = "NODE_BACKEND_CA",
       .description = "PEM file with the authorities that may sign the control plane's "
                      "certificate; empty means those of the system."},
      {.name = "node.credential_file",
       .environment = "NODE_CREDENTIAL_FILE",
       .description = "File with the node's credential, mode 0600; empty means credential in the "
                      "state directory."},
      {.name = "node.state_dir",
       .environment = "NODE_STATE_DIR",
       .description = "Directory for keys and counters, mode 0700; empty means STATE_DIRECTORY of "
                      "systemd, then httvps-node under XDG_STATE_HOME or ~/.local/state."},
  };
}

std::vector<base::property> server_properties() {
  return {
      {.name = "node.services_file",
       .environment = "NODE_SERVICES_FILE",
       .description = "File that is written for outline-ss-server, mode 0600; empty means "
                      "services.yml in the state directory."},
      {.name = "node.listen",
       .environment = "NODE_LISTEN",
       .description = "Comma separated ip:port list that outline-ss-server serves, TCP and UDP.",
       .fallback = "[::]:9000"},
      {.name = "node.server_program",
       .environment = "NODE_SERVER_PROGRAM",
       .description = "Path of outline-ss-server: the agent starts it and stops it."},
      {.name = "node.server_pid_file",
       .environment = "NODE_SERVER_PID_FILE",
       .description = "File with the process id of an outline-ss-server that something else "
                      "starts; either this or the program is set."},
      {.name = "node.server_name",
       .environment = "NODE_SERVER_NAME",
       .description = "Name that the process of the pid file must have.",
       .fallback = "outline-ss-server"},
      {.name = "node.server_metrics",
       .environment = "NODE_SERVER_METRICS",
       .description = "Loopback address where outline-ss-server serves its metrics.",
       .fallback = "127.0.0.1:9091"},
      {.name = "node.server_replay_history",
       .environment = "NODE_SERVER_REPLAY_HISTORY",
       .description = "Handshakes that a started outline-ss-server remembers against replay.",
       .kind = property_kind::number,
       .fallback = "10000",
       .least = 0,
       .most = 20000},
  };
}

std::vector<base::property> running_properties() {
  return {
      {.name = "node.metrics_listen",
       .environment = "NODE_METRICS_LISTEN",
       .description = "Loopback address of /healthz, /readyz and /metrics.",
       .fallback = "127.0.0.1:9092"},
      {.name = "node.address_file",
       .environment = "NODE_ADDRESS_FILE",
       .description = "File that receives the bound address as JSON once the agent listens."},
      {.name = "node.heartbeat_interval",
       .environment = "NODE_HEARTBEAT_INTERVAL",
       .description = "Milliseconds between heartbeats, give or take a tenth.",
       .kind = property_kind::milliseconds,
       .fallback = "5000",
       .least = 100,
       .most = 600000},
      {.name = "node.counter_interval",
       .environment = "NODE_COUNTER_INTERVAL",
       .description = "Milliseconds between reports of key counters, give or take a tenth.",
       .kind = property_kind::milliseconds,
       .fallback = "60000",
       .least = 100,
       .most = 3600000},
      {.name = "node.poll_wait",
       .environment = "NODE_POLL_WAIT",
       .description = "Milliseconds that the control plane may hold a request for newer keys.",
       .kind = property_kind::milliseconds,
       .fallback = "50000",
       .least = 0,
       .most = 60000},
      {.name = "node.log_file",
       .environment = "NODE_LOG_FILE",
       .description = "File for JSON log lines; empty means standard error."},
      {.name = "node.log_level",
       .environment = "NODE_LOG_LEVEL",
       .description = "Least level that is logged: debug, info, warn or error.",
       .fallback = "info",
       .choices = {"debug", "info", "warn", "error"}},
  };
}

void check_listen(const node_settings& chosen, problems_found& problems) {
  const bool all_good = std::ranges::all_of(chosen.listen, [](const std::string& text) {
    const auto place = net::parse_endpoint(text);
    return place && place->port != 0 && net::is_address(place->host);
  });
  if (chosen.listen.empty() || !all_good) {
    problems.push_back(
        {"node.listen", "node.listen must be a list of ip:port with ports above 0."});
  }
}

void check_loopback(const std::string& name, const std::string& text, problems_found& problems) {
  const auto place = net::parse_endpoint(text);
  if (!place || !net::is_loopback(place->host)) {
    problems.push_back({name, name + " must be a loopback address with a port."});
  }
}

void check_server(const node_settings& chosen, problems_found& problems) {
  if (chosen.server_program.empty() == chosen.server_pid_file.empty()) {
    problems.push_back({"node.server_program",
                        "Set either NODE_SERVER_PROGRAM, so that the agent starts the server, or "
                        "NODE_SERVER_PID_FILE, so that it signals one that runs."});
  }
}

void check_state(const node_settings& chosen, problems_found& problems) {
  if (chosen.state_dir.empty()) {
    problems.push_back({"node.state_dir", "No state directory is known: set NODE_STATE_DIR."});
  }
}

std::string text_or(const base::settings& source, std::string_view name,
                    const std::string& fallback) {
  const auto& text = source.text(name);
  return text.empty() ? fallback : text;
}

void read_files(const base::settings& source, const standard_places& places,
                node_settings& chosen) {
  chosen.state_dir = text_or(source, "node.state_dir", places.state_dir);
  chosen.credential_file =
      text_or(source, "node.credential_file", chosen.state_dir + "/credential");
  chosen.services_file = text_or(source, "node.services_file", chosen.state_dir + "/services.yml");
  chosen.address_file = source.text("node.address_file");
  chosen.log_file = source.text("node.log_file");
}

void read_server(const base::settings& source, node_settings& chosen) {
  chosen.listen = source.list("node.listen");
  chosen.server_program = source.text("node.server_program");
  chosen.server_pid_file = source.text("node.server_pid_file");
  chosen.server_name = source.text("node.server_name");
  chosen.server_metrics = source.text("node.server_metrics");
  chosen.server_replay_history = source.text("node.server_replay_history");
}

std::string value_of(const base::settings::environment_reader& environment, const char* name) {
  const char* value = environment(name);
  return value == nullptr ? std::string() : std::string(value);
}

}

standard_places find_places(const base::settings::environment_reader& environment) {
  if (const auto given = value_of(environment, "STATE_DIRECTORY"); !given.empty()) {
    return {.state_dir = given.substr(0, given.find(':'))};
  }
  if (const auto state = value_of(environment, "XDG_STATE_HOME"); state.starts_with('/')) {
    return {.state_dir = state + "/httvps-node"};
  }
  if (const auto home = value_of(environment, "HOME"); home.starts_with('/')) {
    return {.state_dir = home + "/.local/state/httvps-node"};
  }
  return {};
}

std::vector<base::property> node_properties() {
  return base::join_properties({backend_properties(), server_properties(), running_properties()});
}

settings_outcome read_settings(const base::settings& source, const standard_places& places) {
  settings_outcome outcome;
  outcome.problems = source.validate();
  auto& chosen = outcome.chosen;
  chosen.backend_url = source.text("node.backend_url");
  chosen.backend_authority_file = source.text("node.backend_ca");
  read_files(source, places, chosen);
  read_server(source, chosen);
  chosen.metrics_listen = source.text("node.metrics_listen");
  chosen.heartbeat_interval = source.time("node.heartbeat_interval");
  chosen.counter_interval = source.time("node.counter_interval");
  chosen.poll_wait = source.time("node.poll_wait");
  chosen.log_level =
      base::parse_log_level(source.text("node.log_level")).value_or(base::log_level::info);
  check_listen(chosen, outcome.problems);
  check_server(chosen, outcome.problems);
  check_state(chosen, outcome.problems);
  check_loopback("node.server_metrics", chosen.server_metrics, outcome.problems);
  check_loopback("node.metrics_listen", chosen.metrics_listen, outcome.problems);
  return outcome;
}

}
