#include <charconv>

#include "counting.hpp"
#include "record_table.hpp"
#include "usage_tables.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct held_row {
  std::string gateway_id;
  std::string epoch;
  std::int64_t number = 0;
  std::string node_id;
  std::int64_t up = 0;
  std::int64_t down = 0;

  models::session_traffic record() const {
    return {.key = {.gateway = models::gateway_id::trusted(gateway_id),
                    .epoch = epoch,
                    .number = static_cast<std::uint64_t>(number)},
            .node = models::node_id::trusted(node_id),
            .counted = {.up = static_cast<base::byte_count>(up),
                        .down = static_cast<base::byte_count>(down)}};
  }
};
BOOST_DESCRIBE_STRUCT(held_row, (), (gateway_id, epoch, number, node_id, up, down))

std::string cut_part(std::string_view& text) {
  const auto end = std::min(text.find('/'), text.size());
  std::string part(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

cells place_after(std::string_view after) {
  auto gateway = cut_part(after);
  auto epoch = cut_part(after);
  const auto digits = cut_part(after);
  std::int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return {std::move(gateway), std::move(epoch), number, std::string(after)};
}

}

base::result<bool> quarantine_table::holds_at_least(const models::gateway_id& gateway,
                                                    std::uint64_t rows) {
  HTTVPS_TRY(const auto held,
             count_rows(database_,
                        {.sql = "SELECT COUNT(*) AS total FROM (SELECT 1 AS one "
                                "FROM usage_quarantine WHERE gateway_id = :gateway LIMIT :rows) "
                                "AS held",
                         .parameters = {gateway.text(), static_cast<std::int64_t>(rows)}}));
  return held >= rows;
}

base::result<models::page<models::session_traffic>> quarantine_table::list(
    const std::optional<models::gateway_id>& gateway, const models::page_request& wanted) {
  std::string sql =
      "SELECT gateway_id, epoch, number, node_id, up, down FROM usage_quarantine "
      "WHERE (gateway_id, epoch, number, node_id) > (:gateway, :epoch, :number, :node)";
  auto parameters = place_after(wanted.after);
  if (gateway) {
    sql += " AND gateway_id = :wanted";
    parameters.emplace_back(gateway->text());
  }
  sql += " ORDER BY gateway_id, epoch, number, node_id LIMIT :most";
  return row_reader<held_row, models::session_traffic>::page(
      database_, {.sql = sql, .parameters = std::move(parameters)}, wanted.size);
}

}
