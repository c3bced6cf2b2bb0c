#pragma once

#include <system_error>

#include "httvps/base/error.hpp"

namespace httvps::backend::storage {

enum class errc {
  dsn_invalid = 1,
  cannot_open,
  schema_newer,
  schema_older,
  schema_changed,
  migration_failed,
  copy_impossible,
  copy_target_not_empty,
  copy_differs,
  snapshot_invalid,
  snapshot_newer,
  snapshot_differs,
  snapshot_row_too_large,
  restore_target_not_empty,
  restore_target_in_use,
  restore_schema_differs,
  backup_file_exists,
  backup_file_missing,
  backup_not_authentic,
  backup_unproven,
};

const base::error_table& storage_errors() noexcept;
std::error_code make_error_code(errc code) noexcept;

}

template <>
struct std::is_error_code_enum<httvps::backend::storage::errc> : std::true_type {};
