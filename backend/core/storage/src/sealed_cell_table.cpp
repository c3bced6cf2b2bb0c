#include "sealed_cell_table.hpp"

#include <fmt/format.h>

#include "counting.hpp"
#include "httvps/backend/services/field_cipher.hpp"
#include "row_mapping.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

using services::clear_prefix;
using services::sealed_prefix;

struct value_row {
  std::string record;
  std::string stored;
};
BOOST_DESCRIBE_STRUCT(value_row, (), (record, stored))

std::string is_sealed(std::string_view column) {
  return fmt::format("(substr({0}, 1, {1}) = '{2}' OR substr({0}, 1, {3}) = '{4}')", column,
                     sealed_prefix.size(), sealed_prefix, clear_prefix.size(), clear_prefix);
}

}

base::result<std::uint64_t> sealed_cell_table::count(const services::sealed_column& from,
                                                     std::string_view head) {
  const auto sql =
      fmt::format("SELECT COUNT(*) AS total FROM {} WHERE {} AND substr({}, 1, {}) = :head",
                  from.table, is_sealed(from.column), from.column, head.size());
  return count_rows(database_, {.sql = sql, .parameters = {std::string(head)}});
}

base::result<std::vector<services::sealed_value>> sealed_cell_table::list(
    const services::sealed_column& from, const services::values_wanted& wanted) {
  const auto sql = fmt::format(
      "SELECT {0} AS record, {1} AS stored FROM {2} WHERE {0} > :after AND {3} "
      "AND substr({1}, 1, {4}) <> :head ORDER BY {0} LIMIT :most",
      from.key, from.column, from.table, is_sealed(from.column), wanted.other_than.size());
  HTTVPS_TRY(const auto rows,
             select_rows<value_row>(database_,
                                    {.sql = sql,
                                     .parameters = {wanted.after, std::string(wanted.other_than),
                                                    to_stored(wanted.most)}}));
  std::vector<services::sealed_value> found;
  found.reserve(rows.size());
  for (const auto& row : rows) {
    found.push_back({.record = row.record, .stored = row.stored});
  }
  return found;
}

base::result<> sealed_cell_table::replace(const services::sealed_column& in,
                                          const services::sealed_value& known,
                                          std::string_view fresh) {
  const auto sql = fmt::format("UPDATE {0} SET {1} = :fresh WHERE {2} = :record AND {1} = :stored",
                               in.table, in.column, in.key);
  return database_.execute(
      {.sql = sql, .parameters = {std::string(fresh), known.record, known.stored}});
}

}
