#include "stored_database.hpp"

#include <fmt/format.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <stdexcept>

#include "httvps/base/random.hpp"

namespace httvps::backend::test_support {

stored_database::stored_database(test_servers::test_engine engine)
    : folder_(std::filesystem::temp_directory_path() /
              fmt::format("httvps_storage_{:016x}", base::secure_random().next_u64())) {
  if (engine == test_servers::test_engine::postgresql) {
    database_.emplace();
  }
  std::filesystem::create_directories(folder_);
}

stored_database::~stored_database() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string stored_database::dsn() const {
  return database_ ? database_->dsn() : "sqlite://" + path();
}

std::unique_ptr<storage::sql_store> stored_database::open(storage::store_options chosen) const {
  chosen.address = *storage::database_address::parse(dsn());
  auto opened = storage::sql_store::open(chosen);
  if (!opened) {
    throw std::runtime_error(std::string(base::label_of(opened.error())));
  }
  return *std::move(opened);
}

std::unique_ptr<storage::sql_store> stored_database::open_migrated(
    storage::store_options chosen) const {
  auto opened = open(chosen);
  const auto migrated = opened->migrate_up();
  if (!migrated) {
    throw std::runtime_error(std::string(base::label_of(migrated.error())));
  }
  return opened;
}

void stored_database::run_raw(const std::string& sql) const {
  if (database_) {
    database_->query(sql);
    return;
  }
  soci::session session(soci::sqlite3, path());
  session << sql;
}

std::int64_t stored_database::read_raw(const std::string& sql) const {
  if (database_) {
    return std::stoll(database_->query(sql));
  }
  soci::session session(soci::sqlite3, path());
  long long number = 0;
  session << sql, soci::into(number);
  return number;
}

std::int64_t stored_database::count_tables() const {
  return read_raw(database_ ? "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public' "
                              "AND tablename <> 'schema_migrations'"
                            : "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' "
                              "AND name <> 'schema_migrations'");
}

base::result<> save_setting(services::store& store, const std::string& key,
                            const std::string& value) {
  return store.write([&](services::repositories& tables) {
    return tables.settings.save({.key = key, .value = value});
  });
}

std::optional<std::string> find_setting(services::store& store, const std::string& key) {
  const auto found = services::read_from(
      store, [&](services::repositories& tables) { return tables.settings.find(key); });
  if (!found) {
    throw std::runtime_error(std::string(base::label_of(found.error())));
  }
  return *found;
}

}
