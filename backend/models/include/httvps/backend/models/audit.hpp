#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/models/id.hpp"

namespace httvps::backend::models {

inline constexpr std::chrono::days audit_life{400};

struct audit_line {
  std::int64_t seq = 0;
  audit_id id;
  base::system_time at;
  std::string actor;
  std::string actor_name;
  std::string token;
  std::string address;
  std::string request_id;
  std::string action;
  std::string object;
  std::string detail;
  std::string before;
  std::string after;
  std::string previous_hash;
  std::string hash;
};

struct audit_sight {
  std::string actor;
  std::string token = {};
  std::vector<id_kind> kinds = {};
};

inline constexpr std::uint32_t audit_lines_judged_a_page = 2000;

struct audit_filter {
  std::string actor;
  std::string action;
  std::string object;
  std::optional<base::system_time> since;
  std::optional<base::system_time> until;
  std::optional<std::int64_t> below;
  std::uint32_t size = 50;
  std::optional<audit_sight> sight = {};
  std::uint32_t judged_most = audit_lines_judged_a_page;
};

struct audit_span {
  std::int64_t after = 0;
  std::uint32_t size = 1000;
};

}
