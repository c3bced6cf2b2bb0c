#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "connection.hpp"
#include "httvps/backend/storage/migration.hpp"

namespace httvps::backend::storage {

class migrator {
 public:
  migrator(connection& database, std::span<const migration> known) noexcept
      : database_(database), known_(known) {}

  base::result<std::vector<migration_report>> status();
  base::result<std::uint32_t> version();
  base::result<> check();
  base::result<> require_newest();
  base::result<std::uint32_t> up();
  base::result<std::uint32_t> down(std::uint32_t target);

 private:
  enum class step { taken, nothing_left };

  base::result<> exclusively(const std::function<base::result<>()>& body);
  base::result<std::size_t> count_applied();
  base::result<> require(std::size_t most_missing);
  base::result<> apply(const migration& next);
  base::result<> take_back(const migration& last);
  base::result<step> step_up();
  base::result<step> step_down(std::uint32_t target);
  base::result<std::uint32_t> repeat(const std::function<base::result<step>()>& next);

  connection& database_;
  std::span<const migration> known_;
};

}
