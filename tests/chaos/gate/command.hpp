#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "gate/settings.hpp"

namespace httvps::chaos {

using connection_id = std::uint64_t;

struct cut_all {};
struct cut_one {
  connection_id id;
};
struct freeze_one {
  connection_id id;
};
struct limit_one {
  connection_id id;
  byte_limits up;
  byte_limits down;
};
struct change_settings {
  boost::json::object wanted;
};
struct ask_stats {};

using command = std::variant<cut_all, cut_one, freeze_one, limit_one, change_settings, ask_stats>;

inline constexpr std::size_t longest_command = 4096;

base::result<command> parse_command(std::string_view line);

}
