#pragma once

#include <system_error>

#include "httvps/base/error.hpp"

namespace httvps::gateway {

enum class auth_errc {
  tls_too_old = 1,
  other_path,
  no_upgrade,
  cookie_header_too_long,
  no_knock,
  several_knocks,
  device_revoked,
  revocations_full,
};

const base::error_table& auth_errors() noexcept;
std::error_code make_error_code(auth_errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::gateway::auth_errc> : std::true_type {};
