#pragma once

#include <system_error>

#include "httvps/base/error.hpp"

namespace httvps::identity {

enum class errc {
  too_long = 1,
  token_invalid,
  token_expired,
  token_not_yet_valid,
  signature_invalid,
  wrong_context,
  unknown_key,
  key_set_expired,
  key_set_rollback,
  claims_invalid,
  wrong_gateway,
  ticket_expired,
  config_expired,
  knock_invalid,
  proof_invalid,
  proof_expired,
  link_invalid,
  key_invalid,
  key_file_missing,
  key_file_exists,
  key_file_exposed,
  key_file_invalid,
  sealed_box_invalid,
  sealed_stream_invalid,
  sealed_stream_foreign,
  sealed_stream_cut,
  sealed_record_invalid,
};

const base::error_table& identity_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::identity::errc> : std::true_type {};
