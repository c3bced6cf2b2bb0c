#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "httvps/base/bytes.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "httvps/node/control/errc.hpp"
#include "httvps/node/keys/key_rollout.hpp"
#include "httvps/node/keys/server_metrics.hpp"
#include "httvps/node/keys/wanted_keys.hpp"

namespace httvps::node {

inline constexpr std::size_t counter_rows_most = 1000;

struct node_heartbeat {
  std::string node_id;
  std::string region;
  std::uint64_t uptime_seconds = 0;
  std::uint64_t active_sessions = 0;
  double cpu_load = 0;
  double mem_load = 0;
  base::byte_count bytes_up = 0;
  base::byte_count bytes_down = 0;
  std::string last_error;
  std::string timestamp;
};

struct counter_report {
  std::string epoch;
  std::string timestamp;
  traffic_by_key rows;
};

struct rollout_notice {
  rollout_report report;
  std::string timestamp;
};

struct credential_notice {
  std::optional<std::chrono::seconds> lasts = {};
  bool is_due = false;
};

struct renewed_credential {
  base::secret_bytes credential;
  std::optional<std::chrono::seconds> lasts = {};
};

std::string encode_heartbeat(const node_heartbeat& beat);
std::string encode_notice(const rollout_notice& notice);
std::string encode_counters(const counter_report& report);
base::result<credential_notice> decode_heartbeat(std::string_view body);
base::result<renewed_credential> decode_renewal(std::string_view body);
std::string problem_code(std::string_view body);
base::result<wanted_keys> decode_wanted(std::string_view body, const identity::box_key& key);

}
