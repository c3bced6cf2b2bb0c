#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/error.hpp"
#include "httvps/base/secret.hpp"
#include "httvps/gateway/control/membership.hpp"
#include "httvps/identity/sealed_box.hpp"

namespace httvps::gateway {

struct join_request {
  base::secret_bytes secret;
  std::string name;
  std::string region;
  std::string host;
  std::vector<std::string> addresses;
  std::vector<std::string> pins;
  std::string x25519_public;
};

enum class suspension { none, of_user, of_subscription };

struct withdrawn_device {
  std::string device_id;
  suspension how = suspension::none;

  bool operator==(const withdrawn_device&) const = default;
};

struct published_config {
  std::uint64_t rev = 0;
  bool approved = false;
  std::string path;
  std::string cookie;
  std::string key_set;
  std::uint64_t revocation_version = 0;
  std::vector<withdrawn_device> withdrawn_devices = {};
  bool draining = false;
  std::string policy = {};
  std::uint64_t node_keys_version = 0;
  std::vector<std::string> rotated_nodes = {};

  bool operator==(const published_config&) const = default;
};

enum class service_phase { serving, draining, drained };
std::string_view name_of(service_phase phase) noexcept;

struct heartbeat {
  std::string gateway_id;
  std::string region;
  std::uint64_t uptime_seconds = 0;
  std::uint64_t active_sessions = 0;
  double cpu_load = 0;
  double mem_load = 0;
  base::byte_count bytes_up = 0;
  base::byte_count bytes_down = 0;
  std::string last_error;
  std::string timestamp;
  service_phase phase = service_phase::serving;
};

struct heartbeat_answer {
  std::uint64_t key_set_version = 0;
  std::uint64_t revocation_version = 0;
  std::uint64_t terms_version = 0;
  std::vector<std::string> terms_changed = {};
  std::optional<std::chrono::seconds> credential_lasts = {};
  bool renew_credential = false;
};

struct quota_terms {
  base::byte_count remaining = 0;
  base::byte_count offline_bytes = 0;

  bool operator==(const quota_terms&) const = default;
};

struct allowance {
  std::string device_id;
  std::string subscription_id;
  std::uint32_t session_limit = 1;
  std::chrono::seconds recheck{900};
  std::optional<std::uint64_t> up_bps = {};
  std::optional<std::uint64_t> down_bps = {};
  std::optional<quota_terms> quota = {};
  std::uint32_t sessions_elsewhere = 0;
  std::string plan_id = {};
  std::optional<base::system_time> ends_at = {};
};

struct denial {
  std::string code;
  std::string sentence;
};

using validation = std::variant<allowance, denial>;

struct assigned_node {
  std::string node_id;
  std::string name;
  base::secret_bytes access_url;
  std::uint32_t weight = 1;
};

struct assignment {
  std::vector<assigned_node> nodes;
  std::string lease_until;
};

struct node_outcome {
  std::string node_id;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  base::duration took{};
};

struct usage_row {
  std::uint64_t session = 0;
  std::string node_id;
  base::byte_count up = 0;
  base::byte_count down = 0;
  std::string token;
  bool final = false;

  bool operator==(const usage_row&) const = default;
};

struct usage_batch {
  std::string epoch;
  std::uint64_t sequence = 0;
  std::vector<usage_row> rows;
};

struct sequence_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

struct usage_answer {
  std::uint64_t acked_through = 0;
  std::vector<sequence_range> gaps;
};

struct lease_item {
  std::string subscription;
  base::byte_count used = 0;
  base::byte_count want = 0;
  std::string token = {};
};

struct lease_request {
  std::string epoch;
  std::vector<lease_item> items;
};

enum class lease_end { quota_exceeded, subscription_expired, access_suspended };

struct lease_grant {
  std::string subscription;
  base::byte_count granted = 0;
  base::byte_count remaining = 0;
  std::chrono::seconds lasts{};
  bool final = false;
  bool refused = false;
  lease_end end = lease_end::quota_exceeded;
};

struct lease_answer {
  std::vector<lease_grant> items;
};

std::string encode_join(const join_request& request);
std::string encode_heartbeat(const heartbeat& beat);
std::string encode_assign(std::string_view token, std::string_view region);
std::string encode_usage(const usage_batch& batch);
std::string encode_outcomes(const std::vector<node_outcome>& outcomes);
std::string encode_lease(const lease_request& request);

base::result<membership> decode_join(std::string_view body);
base::result<published_config> decode_config(std::string_view body);
base::result<heartbeat_answer> decode_heartbeat(std::string_view body);
base::result<assignment> decode_assignment(std::string_view body, const identity::box_key& key);
base::result<usage_answer> decode_usage(std::string_view body);
base::result<lease_answer> decode_lease(std::string_view body);
std::string problem_code(std::string_view body);

}
