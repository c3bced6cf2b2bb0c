#pragma once

#include "httvps/base/error.hpp"

namespace httvps::outline {

enum class errc {
  access_invalid = 1,
  argument_invalid,
  unreachable,
  timed_out,
  tls_failed,
  pin_mismatch,
  closed_early,
  answer_too_large,
  answer_malformed,
  answer_unexpected,
  access_refused,
  key_not_found,
  argument_refused,
  port_in_use,
  password_in_use,
  key_exists,
  conflict,
  server_failed,
};

const base::error_table& outline_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::outline::errc> : std::true_type {};
