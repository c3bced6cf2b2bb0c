#pragma once

#include <system_error>

#include "httvps/base/error.hpp"

namespace httvps::backend::shared {

enum class errc {
  address_invalid = 1,
  tls_unsupported,
  unreachable,
  timed_out,
  answer_malformed,
  refused,
};

const base::error_table& shared_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::backend::shared::errc> : std::true_type {};
