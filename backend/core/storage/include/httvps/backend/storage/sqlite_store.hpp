#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "httvps/backend/services/store.hpp"

namespace httvps::backend::storage {

struct sqlite_options {
  std::string path;
  std::size_t connections = 4;
  std::chrono::milliseconds patience{2000};
  std::uint64_t most_bytes = 0;
};

inline constexpr std::string_view memory_path = ":memory:";

base::result<std::string> sqlite_path_of(std::string_view dsn);

enum class migration_state { applied, waiting };

struct migration_report {
  std::uint32_t version = 0;
  std::string name;
  migration_state state = migration_state::waiting;
};

class sqlite_store final : public services::store {
 public:
  static base::result<std::unique_ptr<sqlite_store>> open(const sqlite_options& chosen);
  sqlite_store(const sqlite_store&) = delete;
  sqlite_store& operator=(const sqlite_store&) = delete;
  ~sqlite_store() override;

  base::result<> read(const services::transaction& body) override;
  base::result<> write(const services::transaction& body) override;

  base::result<std::uint32_t> migrate_up();
  base::result<std::uint32_t> migrate_down(std::uint32_t target);
  base::result<std::vector<migration_report>> migrations();
  base::result<> check_schema();

 private:
  struct state;
  explicit sqlite_store(std::unique_ptr<state> made) noexcept;

  std::unique_ptr<state> state_;
};

}
