#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/base/log.hpp"
#include "httvps/base/property.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/shadowsocks/engine_choice.hpp"

namespace httvps::gateway {

struct gateway_settings {
  std::string listen;
  std::string address_file;
  std::string metrics_listen;
  std::string backend_url;
  base::secret_bytes join_secret;
  std::string name;
  std::string region;
  std::string public_host;
  std::vector<std::string> public_addresses;
  std::string certificate_file;
  std::string key_file;
  std::string next_key_file;
  std::string state_dir;
  std::string runtime_dir;
  std::size_t threads = 1;
  base::byte_count memory = 0;
  std::size_t connections = 0;
  std::size_t site_connections = 0;
  std::size_t waiting_carriers = 0;
  std::size_t streams = 0;
  std::size_t device_streams = 0;
  std::size_t flows = 0;
  std::size_t session_flows = 0;
  std::size_t predial = 0;
  std::chrono::milliseconds node_key_age{60000};
  shadowsocks::engine_choice aead_engine = shadowsocks::engine_choice::automatic;
  base::byte_count usage_memory = 0;
  base::byte_count usage_spool = 0;
  base::byte_count usage_segment = 0;
  std::size_t session_carriers = 0;
  std::chrono::milliseconds session_grace{};
  std::chrono::milliseconds half_closed_idle{};
  std::chrono::milliseconds handshake_timeout{};
  std::chrono::milliseconds head_timeout{};
  std::chrono::milliseconds usage_interval{};
  std::chrono::milliseconds usage_sync{};
  std::chrono::milliseconds usage_retry{};
  std::chrono::seconds usage_keep{};
  std::chrono::milliseconds heartbeat_interval{};
  std::chrono::milliseconds state_interval{};
  std::chrono::milliseconds drain{};
  std::chrono::milliseconds upgrade_limit{};
  bool builtin_site_acknowledged = false;
  std::string log_file;
  base::log_level log_level = base::log_level::info;
};

std::vector<base::property> gateway_properties();

struct settings_outcome {
  gateway_settings chosen;
  std::vector<base::setting_problem> problems;
};

settings_outcome read_settings(const base::settings& source);

}
