#pragma once

#include <string>
#include <string_view>

#include "httvps/base/error.hpp"

namespace httvps::cli {

enum class exit_code {
  done = 0,
  failed = 1,
  wrong_usage = 2,
  not_enrolled = 3,
  gateway_away = 4,
  refused = 5,
  state_unusable = 6,
  address_unusable = 7,
  not_running = 8,
};

exit_code exit_code_for(const base::error& failure) noexcept;
std::string_view advice_for(const base::error& failure) noexcept;
std::string describe_failure(const base::error& failure, std::string_view sentence = {});
std::string_view warning_of_exposure(std::string_view link, std::string_view code) noexcept;
std::string printable(std::string_view text);

}
