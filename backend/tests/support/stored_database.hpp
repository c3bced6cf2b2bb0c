#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "httvps/backend/storage/sql_store.hpp"
#include "support/postgresql_server.hpp"

namespace httvps::backend::test_support {

class stored_database {
 public:
  explicit stored_database(test_servers::test_engine engine = test_servers::chosen_engine());
  stored_database(const stored_database&) = delete;
  stored_database& operator=(const stored_database&) = delete;
  ~stored_database();

  std::string dsn() const;
  std::string path() const { return folder_ / "backend.db"; }
  std::unique_ptr<storage::sql_store> open(storage::store_options chosen = {}) const;
  std::unique_ptr<storage::sql_store> open_migrated(storage::store_options chosen = {}) const;
  void run_raw(const std::string& sql) const;
  std::int64_t read_raw(const std::string& sql) const;
  std::int64_t count_tables() const;

 private:
  std::filesystem::path folder_;
  std::optional<test_servers::postgresql_database> database_;
};

base::result<> save_setting(services::store& store, const std::string& key,
                            const std::string& value);
std::optional<std::string> find_setting(services::store& store, const std::string& key);

}
