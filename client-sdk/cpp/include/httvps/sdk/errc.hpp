#pragma once

#include "httvps/base/error.hpp"

namespace httvps::sdk {

enum class errc {
  not_enrolled = 1,
  already_enrolled,
  state_folder_unknown,
  state_exposed,
  state_damaged,
  state_unreadable,
  state_unwritable,
  enrolment_outdated,
  no_permitted_gateway,
  config_rollback,
  wrong_device,
  gateway_unresolved,
  gateway_refused,
  gateway_unreachable,
  gateway_timed_out,
  gateway_cut,
  gateway_tls_failed,
  gateway_tls_outdated,
  gateway_key_mismatch,
  gateway_name_mismatch,
  gateway_did_not_recognise,
  gateway_answer_malformed,
  clock_wrong,
  control_answer_malformed,
  control_unavailable,
  control_refused,
  ticket_invalid,
  ticket_spent,
  device_known_elsewhere,
  stream_ended,
  too_many_waiting,
  tunnel_stopped,
  device_not_found,
  code_malformed,
  code_unknown,
  code_expired,
  code_spent,
  too_many_tries,
  server_address_invalid,
  server_not_https,
  server_unreachable,
  server_not_trusted,
  server_answer_strange,
  authority_unreadable,
  region_without_gateway,
  policy_rollback,
};

const base::error_table& sdk_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::sdk::errc> : std::true_type {};
