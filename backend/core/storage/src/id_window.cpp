#include "id_window.hpp"

#include <fmt/format.h>

namespace httvps::backend::storage {
namespace {

struct id_row {
  std::string id;
};
BOOST_DESCRIBE_STRUCT(id_row, (), (id))

}

base::result<std::optional<std::string>> end_of(connection& database, const id_window& window,
                                                const list_condition& among) {
  const auto sql =
      fmt::format("SELECT id FROM {} WHERE id > :after{} ORDER BY id LIMIT 1 OFFSET {}",
                  window.table, among.text, window.size - 1);
  cells parameters = {window.after};
  parameters.insert(parameters.end(), among.parameters.begin(), among.parameters.end());
  HTTVPS_TRY(auto found,
             select_row<id_row>(database, {.sql = sql, .parameters = std::move(parameters)}));
  return found ? std::optional(std::move(found->id)) : std::nullopt;
}

}
