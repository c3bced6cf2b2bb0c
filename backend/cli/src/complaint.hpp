#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "httvps/base/error.hpp"

namespace httvps::ctl {

enum class exit_code { done = 0, failed = 1, wrong_usage = 2, not_found = 3 };

struct complaint {
  exit_code code = exit_code::failed;
  std::string text;
};

template <typename T = void>
using outcome = std::expected<T, complaint>;

std::unexpected<complaint> usage_error(std::string text);
std::unexpected<complaint> failure(std::string text);
std::unexpected<complaint> failure(std::string_view what, const base::error& cause);

std::string printable(std::string_view text);
void say(std::string_view text);
outcome<> flush_output();
void warn(std::string_view text);

}
