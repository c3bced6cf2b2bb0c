#pragma once

#include "httvps/base/error.hpp"

namespace httvps::gateway {

enum class usage_errc {
  spool_unwritable = 1,
  spool_disk_full,
  spool_unreadable,
  spool_in_use,
  spool_record_invalid,
  spool_record_cut,
  spool_cap_reached,
};

const base::error_table& usage_errors() noexcept;
std::error_code make_error_code(usage_errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::gateway::usage_errc> : std::true_type {};
