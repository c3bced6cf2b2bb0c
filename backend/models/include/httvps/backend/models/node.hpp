#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/models/id.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

enum class service_phase { serving, draining, drained };
BOOST_DESCRIBE_ENUM(service_phase, serving, draining, drained)

struct heartbeat {
  base::system_time received_at;
  std::string region;
  std::uint64_t uptime_seconds = 0;
  std::uint64_t active_sessions = 0;
  double cpu_load = 0;
  double mem_load = 0;
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  std::string last_error;
  base::system_time sent_at;
  std::optional<service_phase> phase = {};
};

enum class node_state { enabled, draining, disabled };
BOOST_DESCRIBE_ENUM(node_state, enabled, draining, disabled)

struct node {
  node_id id;
  std::string region;
  std::string name;
  std::string host;
  std::uint16_t port = 0;
  std::uint32_t weight = 1;
  node_state state = node_state::enabled;
  base::system_time created_at;
  std::optional<std::uint64_t> capacity_bps = {};
  std::optional<std::uint64_t> max_sessions = {};
  std::vector<std::string> labels = {};
  std::optional<std::uint64_t> key_limit_bytes = {};
};

inline constexpr std::string_view no_region = "~";

bool is_removed(const node& one) noexcept;
void remove(node& one);

struct region {
  std::string code;
  std::optional<std::int64_t> latitude_millionths;
  std::optional<std::int64_t> longitude_millionths;
  std::optional<std::string> name = {};
  std::optional<std::string> country = {};
};

struct access_key {
  access_key_id id;
  node_id node;
  std::uint32_t generation = 1;
  std::string method;
  std::string sealed_url;
  base::system_time created_at;
};

struct assignment {
  device_id device;
  gateway_id gateway;
  std::string region;
  node_id node;
  base::system_time lease_until;
};

inline constexpr std::chrono::seconds heartbeat_patience{30};

bool is_alive(const std::optional<base::system_time>& last_heartbeat,
              base::system_time now) noexcept;

}
