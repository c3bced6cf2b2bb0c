#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "httvps/base/log.hpp"
#include "httvps/base/property.hpp"

namespace httvps::node {

struct standard_places {
  std::string state_dir;
};

standard_places find_places(const base::settings::environment_reader& environment);

struct node_settings {
  std::string backend_url;
  std::string backend_authority_file;
  std::string credential_file;
  std::string state_dir;
  std::string services_file;
  std::vector<std::string> listen;
  std::string server_program;
  std::string server_pid_file;
  std::string server_name;
  std::string server_metrics;
  std::string server_replay_history;
  std::string metrics_listen;
  std::string address_file;
  std::chrono::milliseconds heartbeat_interval{5000};
  std::chrono::milliseconds counter_interval{60000};
  std::chrono::milliseconds poll_wait{50000};
  std::string log_file;
  base::log_level log_level = base::log_level::info;
};

struct settings_outcome {
  node_settings chosen;
  std::vector<base::setting_problem> problems;
};

std::vector<base::property> node_properties();
settings_outcome read_settings(const base::settings& source, const standard_places& places);

}
