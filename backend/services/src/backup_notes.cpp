#include "httvps/backend/services/backup_notes.hpp"

#include "stored_version.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::string_view made_at_setting = "backup_made_at";

}

base::result<> note_backup(store& storage, base::system_time made_at) {
  const auto seconds = std::to_string(base::to_unix_seconds(made_at));
  return storage.write([&](repositories& tables) {
    return tables.settings.save({.key = std::string(made_at_setting), .value = seconds});
  });
}

base::result<std::optional<base::system_time>> last_backup(repositories& tables) {
  HTTVPS_TRY(const auto stored, tables.settings.find(made_at_setting));
  return stored
             ? std::optional(base::from_unix_seconds(static_cast<std::int64_t>(version_in(stored))))
             : std::nullopt;
}

}
