#pragma once

#include "httvps/base/error.hpp"

namespace httvps::node {

enum class app_errc {
  file_missing = 1,
  file_unreadable,
  file_exposed,
  file_not_written,
  credential_invalid,
  server_absent,
  server_not_started,
  server_metrics_unreachable,
};

const base::error_table& app_errors() noexcept;
std::error_code make_error_code(app_errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::node::app_errc> : std::true_type {};
