#pragma once

#include "httvps/base/error.hpp"

namespace httvps::node {

enum class control_errc {
  backend_unreachable = 1,
  backend_refused,
  backend_answer_invalid,
  backend_overloaded,
  credential_refused,
  sealed_for_another,
  credential_expired,
  credential_revoked,
};

const base::error_table& control_errors() noexcept;
std::error_code make_error_code(control_errc code) noexcept;
bool says_credential_is_bad(const base::error& failure) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::node::control_errc> : std::true_type {};
