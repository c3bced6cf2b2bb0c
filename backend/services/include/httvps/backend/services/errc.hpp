#pragma once

#include <system_error>

#include "httvps/base/error.hpp"

namespace httvps::backend::services {

enum class errc {
  user_not_found = 1,
  plan_not_found,
  subscription_not_found,
  device_not_found,
  gateway_not_found,
  node_not_found,
  region_not_found,
  already_exists,
  subscription_exists,
  invalid_dates,
  page_token_invalid,
  credential_missing,
  credential_invalid,
  gateway_pending,
  gateway_disabled,
  join_refused,
  join_token_expired,
  join_token_spent,
  gateway_name_taken,
  too_many_pending,
  gateway_mismatch,
  node_mismatch,
  ticket_invalid,
  ticket_expired,
  ticket_spent,
  ticket_wrong_gateway,
  device_known_elsewhere,
  device_revoked,
  device_limit,
  subscription_expired,
  quota_exceeded,
  session_limit,
  region_denied,
  token_expired,
  token_invalid,
  proof_invalid,
  proof_expired,
  proof_replayed,
  access_key_invalid,
  node_address_invalid,
  management_access_invalid,
  keys_not_managed,
  too_many_keys,
  too_many_epochs,
  box_key_invalid,
  no_node_available,
  assignment_not_found,
  digest_mismatch,
  sequence_too_far,
  storage_full,
  storage_busy,
  storage_failed,
  secret_unreadable,
  signing_failed,
  root_key_mismatch,
  lease_lost,
  role_denied,
  scope_denied,
  grant_exceeds_own,
  admin_token_not_found,
  schema_too_old,
  admin_not_found,
  login_refused,
  totp_required,
  session_needed,
  password_wrong,
  totp_wrong,
  totp_state_wrong,
  passwords_busy,
  password_not_hashed,
  audit_broken,
  audit_tip_unreadable,
  precondition_failed,
};

const base::error_table& service_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::backend::services::errc> : std::true_type {};
