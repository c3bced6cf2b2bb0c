#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "httvps/backend/services/sealed_cells.hpp"
#include "httvps/backend/services/store.hpp"
#include "httvps/backend/storage/database_address.hpp"
#include "httvps/backend/storage/migration.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::storage {

struct store_options {
  database_address address = {};
  std::size_t connections = 4;
  std::chrono::milliseconds patience{2000};
  std::uint64_t most_bytes = 0;
  std::span<const migration> migrations = known_migrations();
};

class sql_store final : public services::store, public services::sealed_store {
 public:
  static base::result<std::unique_ptr<sql_store>> open(const store_options& chosen);
  sql_store(const sql_store&) = delete;
  sql_store& operator=(const sql_store&) = delete;
  ~sql_store() override;

  base::result<> read(const services::transaction& body) override;
  base::result<> write(const services::transaction& body) override;
  base::result<> read_cells(const services::cell_work& body) override;
  base::result<> write_cells(const services::cell_work& body) override;
  base::result<> note(const services::transaction& body) override;
  base::result<> note_later(const services::transaction& body) override;
  std::uint64_t callers_revision() const noexcept override;
  std::uint32_t schema_version() const noexcept override;

  void watch_waits(std::function<void(base::duration)> watch);
  base::result<std::uint32_t> migrate_up();
  base::result<std::uint32_t> migrate_down(std::uint32_t target);
  base::result<std::vector<migration_report>> migrations();
  base::result<> check_schema();
  base::result<> refresh_schema_version();

 private:
  struct state;
  explicit sql_store(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

}
