#pragma once

#include "httvps/base/error.hpp"

namespace httvps::cli {

enum class errc {
  not_socks5 = 1,
  method_unacceptable,
  request_malformed,
  command_unsupported,
  address_type_unsupported,
  bind_not_loopback,
  not_running,
  already_running,
  status_malformed,
  status_path_too_long,
  link_unreadable,
  address_file_unwritable,
  fragment_unsupported,
  association_limit,
  carriers_out_of_range,
  question_unknown,
  device_id_invalid,
  own_device_unconfirmed,
  enrolment_unnamed,
  code_unreadable,
  pin_malformed,
  region_invalid,
};

const base::error_table& cli_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::cli::errc> : std::true_type {};
