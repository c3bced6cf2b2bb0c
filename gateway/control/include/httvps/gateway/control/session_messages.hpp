#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/base/error.hpp"

namespace httvps::gateway {

inline constexpr std::size_t told_sessions_most = 500;

struct told_session {
  std::string session;
  std::string device_id;

  bool operator==(const told_session&) const = default;
};

struct session_report {
  std::string epoch;
  std::string roll;
  std::uint64_t sequence = 0;
  std::vector<told_session> held;
  std::vector<told_session> ended;

  bool operator==(const session_report&) const = default;
};

struct session_report_answer {
  bool in_step = true;
  std::vector<std::string> to_end;
};

std::string encode_sessions(const session_report& report);
base::result<session_report_answer> decode_sessions(std::string_view body);

}
