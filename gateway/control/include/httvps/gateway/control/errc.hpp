#pragma once

#include "httvps/base/error.hpp"

namespace httvps::gateway {

enum class control_errc {
  backend_unreachable = 1,
  backend_refused,
  backend_answer_invalid,
  backend_overloaded,
  gateway_pending,
  join_refused,
  no_node_available,
  credential_refused,
  digest_mismatch,
  membership_missing,
  membership_invalid,
  gateway_disabled,
  credential_expired,
  credential_revoked,
  policy_rollback,
  lease_refused,
};

const base::error_table& control_errors() noexcept;
std::error_code make_error_code(control_errc code) noexcept;
bool says_credential_is_bad(const base::error& failure) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::gateway::control_errc> : std::true_type {};
