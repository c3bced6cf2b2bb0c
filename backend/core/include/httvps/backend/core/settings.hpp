#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/api/trusted_proxies.hpp"
#include "httvps/backend/services/gateway_service.hpp"
#include "httvps/backend/services/key_ring.hpp"
#include "httvps/backend/services/signing_history.hpp"
#include "httvps/backend/services/usage_pruning.hpp"
#include "httvps/backend/services/usage_upkeep.hpp"
#include "httvps/backend/shared/redis_address.hpp"
#include "httvps/backend/storage/database_address.hpp"
#include "httvps/base/log.hpp"
#include "httvps/base/property.hpp"
#include "httvps/base/secret.hpp"

namespace httvps::backend::core {

enum class schema_policy { migrate, check };

struct backend_settings {
  storage::database_address database;
  schema_policy schema = schema_policy::migrate;
  std::uint64_t database_most_bytes = 0;
  std::size_t database_connections = 4;
  std::chrono::milliseconds database_patience{2000};
  base::secret_bytes secret_key;
  std::string secret_key_file;
  std::string key_ring_file;
  services::sealing_mode sealing = services::sealing_mode::required;
  std::chrono::hours signing_key_term = services::signing_key_term;
  services::credential_terms credentials;
  base::secret_bytes gateway_secret;
  services::join_approval approval = services::join_approval::by_admin;
  std::string root_key_file;
  std::string admin_token_file;
  std::string listen;
  std::string address_file;
  std::string metrics_listen;
  std::string metrics_address_file;
  std::size_t queue = 256;
  std::chrono::milliseconds request_deadline{10000};
  std::chrono::milliseconds drain{10000};
  std::chrono::milliseconds usage_roll_up{5000};
  services::usage_retention usage_keeping;
  services::pruning_terms usage_pruning;
  std::chrono::days usage_daily_days{35};
  std::size_t polls = 512;
  double admin_rate = 20;
  double device_rate = 2;
  std::optional<shared::redis_address> redis;
  api::trusted_proxies trusted_proxies;
  std::string log_file;
  base::log_level log_level = base::log_level::info;
};

struct settings_outcome {
  backend_settings chosen;
  std::vector<base::setting_problem> problems;
};

base::result<storage::database_address> load_database_address(const std::string& file);
std::vector<base::property> backend_properties();
settings_outcome read_settings(const base::settings& source);

}
