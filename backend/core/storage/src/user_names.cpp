#include "account_tables.hpp"
#include "counting.hpp"

namespace httvps::backend::storage {

base::result<bool> user_table::knows_name(const std::string& name) {
  const std::string_view living = shape() == row_shape::earlier ? "" : " AND deleted_at IS NULL";
  HTTVPS_TRY(
      const auto found,
      count_rows(
          database(),
          {.sql =
               std::string("SELECT COUNT(*) AS total FROM users WHERE name = :name").append(living),
           .parameters = {name}}));
  return found > 0;
}

}
