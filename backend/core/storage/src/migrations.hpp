#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "connection.hpp"
#include "httvps/backend/storage/sqlite_store.hpp"

namespace httvps::backend::storage {

struct migration {
  std::uint32_t version = 0;
  std::string_view name;
  std::string_view up;
  std::string_view down;
};

std::span<const migration> known_migrations() noexcept;

class migrator {
 public:
  migrator(connection& database, std::span<const migration> known) noexcept
      : database_(database), known_(known) {}

  base::result<std::vector<migration_report>> status();
  base::result<> check();
  base::result<std::uint32_t> up();
  base::result<std::uint32_t> down(std::uint32_t target);

 private:
  struct applied;
  base::result<std::vector<applied>> load();
  base::result<> verify(const std::vector<applied>& done) const;
  base::result<> step(const std::string& script, const query& note);

  connection& database_;
  std::span<const migration> known_;
};

}
