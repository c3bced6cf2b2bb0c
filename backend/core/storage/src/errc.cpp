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
    {static_cast<int>(errc::snapshot_invalid), "snapshot_invalid",
     "The file is not a backup of this program, or what is in it has another shape than its "
     "manifest says. Nothing was changed."},
    {static_cast<int>(errc::snapshot_newer), "snapshot_newer",
     "The backup was made by a newer version of this program. Install that version and restore "
     "with it. Nothing was changed."},
    {static_cast<int>(errc::snapshot_differs), "snapshot_differs",
     "The rows of the backup are not those that its manifest counts. Nothing was changed."},
    {static_cast<int>(errc::snapshot_row_too_large), "snapshot_row_too_large",
     "A row of the database is larger than 16 MiB and cannot be written to a backup."},
    {static_cast<int>(errc::restore_target_not_empty), "restore_target_not_empty",
     "The database to restore into holds rows already. Nothing was changed. Name an empty one, or "
     "say --replace to lose what it holds."},
    {static_cast<int>(errc::restore_target_in_use), "restore_target_in_use",
     "A backend serves from this database. Nothing was changed. Stop every backend, wait 15 s and "
     "repeat."},
    {static_cast<int>(errc::restore_schema_differs), "restore_schema_differs",
     "The database that would be replaced has another schema than the backup. Nothing was "
     "changed. Restore into an empty database."},
    {static_cast<int>(errc::backup_file_exists), "backup_file_exists",
     "The file exists already and is never overwritten. Name another one."},
    {static_cast<int>(errc::backup_file_missing), "backup_file_missing",
     "The backup cannot be opened. Look at its name and at who may read it."},
    {static_cast<int>(errc::backup_not_authentic), "backup_not_authentic",
     "The backup is another one than was asked for: its digest differs, or the root key did not "
     "sign it. Nothing was changed."},
    {static_cast<int>(errc::backup_unproven), "backup_unproven",
     "Nothing shows who made the backup. Nothing was changed. Put the root key file in its place, "
     "name its public key with --root or the digest that backup printed with --sha256, or say "
     "--unproven."},
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
