#pragma once

#include <deque>
#include <string>
#include <vector>

#include "gate/connection.hpp"

namespace httvps::chaos {

struct counters {
  std::uint64_t total = 0;
  std::uint64_t live = 0;
  std::uint64_t most_live = 0;
  std::uint64_t refused = 0;
  std::uint64_t cut = 0;
  std::uint64_t frozen = 0;
  base::byte_count most_held = 0;
  std::deque<base::steady_time> cut_times;
};

struct connection_report {
  connection_id id = 0;
  std::string_view state;
  std::string_view cause;
  std::uint16_t client_port = 0;
  base::byte_count up = 0;
  base::byte_count down = 0;
  record_meter up_records;
  record_meter down_records;
  base::steady_time began{};
  base::duration age{};
};

connection_report report_of(const connection& subject, base::steady_time now);

struct whole_report {
  const counters& counts;
  base::byte_count held = 0;
  std::vector<connection_report> connections;
};

std::string to_json(const whole_report& report);
std::string failure_json(const base::error& failure);

}
