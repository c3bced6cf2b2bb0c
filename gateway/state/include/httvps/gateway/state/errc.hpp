#pragma once

#include <system_error>

#include "httvps/base/error.hpp"

namespace httvps::gateway {

enum class state_errc {
  state_missing = 1,
  state_unreadable,
  state_exposed,
  state_unwritable,
  state_too_large,
  state_of_another_format,
  state_foreign,
  state_damaged,
  state_rolled_back,
  state_too_old,
  state_from_the_future,
  state_withheld,
};

const base::error_table& state_errors() noexcept;
std::error_code make_error_code(state_errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::gateway::state_errc> : std::true_type {};
