#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "httvps/base/error.hpp"
#include "httvps/sdk/device_question.hpp"

namespace httvps::cli {

struct status_question {
  bool operator==(const status_question&) const = default;
};

using known_question = std::variant<status_question, sdk::device_question>;
using told_answer = std::expected<std::string, sdk::control_problem>;

inline constexpr const char* status_line = "status";

std::string line_of(const sdk::device_question& question);
base::result<known_question> parse_question(std::string_view line);

std::string wrap_answer(const told_answer& answer);
told_answer unwrap_answer(std::string_view text);

}
