#include "httvps/backend/storage/errc.hpp"

namespace httvps::backend::storage {
namespace {

constexpr base::error_entry entries[] = {
    {static_cast<int>(errc::dsn_invalid), "dsn_invalid",
     "The database address must look like sqlite:///absolute/path, sqlite://relative/path or "
     "postgres://user@host/name."},
    {static_cast<int>(errc::cannot_open), "cannot_open", "The database cannot be opened."},
    {static_cast<int>(errc::schema_newer), "schema_newer",
     "The database was written by a newer version of this program. Install that version, or "
     "migrate down with it first."},
    {static_cast<int>(errc::schema_older), "schema_older",
     "The schema of the database is more than one migration older than this program. Run "
     "httvps-backend migrate up."},
    {static_cast<int>(errc::schema_changed), "schema_changed",
     "A migration that was applied differs from the one this program carries."},
    {static_cast<int>(errc::migration_failed), "migration_failed",
     "A migration failed and was rolled back."},
    {static_cast<int>(errc::copy_impossible), "copy_impossible",
     "The tables of this schema cannot be put in an order in which they can be copied."},
    {static_cast<int>(errc::copy_target_not_empty), "copy_target_not_empty",
     "The database to copy to holds rows already. Nothing was copied."},
    {static_cast<int>(errc::copy_differs), "copy_differs",
     "The copy differs from its source and was taken back."},
};

const base::error_table table("backend_storage", entries);

}

const base::error_table& storage_errors() noexcept {
  return table;
}

std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), table};
}

}
