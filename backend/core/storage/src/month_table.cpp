#include "month_table.hpp"

#include <map>
#include <tuple>

#include "bulk.hpp"
#include "place_text.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

constexpr std::size_t letters_of_a_month = 7;

struct old_row {
  std::string day;
  std::string device_id;
  std::string node_id;
  std::int64_t up = 0;
  std::int64_t down = 0;
};
BOOST_DESCRIBE_STRUCT(old_row, (), (day, device_id, node_id, up, down))

struct month_row {
  std::string month;
  std::string device_id;
  std::string node_id;
  std::int64_t up = 0;
  std::int64_t down = 0;

  models::monthly_share record() const {
    return {.month = month,
            .device = models::device_id::trusted(device_id),
            .node = models::node_id::trusted(node_id),
            .counted = {.up = static_cast<base::byte_count>(up),
                        .down = static_cast<base::byte_count>(down)}};
  }
};
BOOST_DESCRIBE_STRUCT(month_row, (), (month, device_id, node_id, up, down))

using place = std::tuple<std::string, std::string, std::string>;

std::vector<cells> sums_of(const std::vector<old_row>& days) {
  std::map<place, models::traffic> sums;
  for (const auto& row : days) {
    auto& sum = sums[place(row.day.substr(0, letters_of_a_month), row.device_id, row.node_id)];
    sum = models::saturating_sum(sum, {.up = static_cast<base::byte_count>(row.up),
                                       .down = static_cast<base::byte_count>(row.down)});
  }
  std::vector<cells> rows;
  rows.reserve(sums.size());
  for (const auto& [key, sum] : sums) {
    const auto& [month, device, node] = key;
    rows.push_back({month, device, node, to_stored(sum.up), to_stored(sum.down)});
  }
  return rows;
}

}

base::result<std::uint64_t> month_table::take_over(const services::old_days& wanted) {
  static const auto statement = saturating_upsert("usage_monthly", "month, device_id, node_id", 5);
  HTTVPS_TRY(const auto days,
             select_rows<old_row>(
                 database_, {.sql = "SELECT day, device_id, node_id, up, down FROM usage_daily "
                                    "WHERE day < :before ORDER BY day, device_id, node_id "
                                    "LIMIT :most",
                             .parameters = {wanted.before, to_stored(wanted.most)}}));
  if (days.empty()) {
    return 0;
  }
  HTTVPS_CHECK(execute_bulk(database_, statement, {.rows = sums_of(days)}));
  const auto& last = days.back();
  HTTVPS_CHECK(
      database_.execute({.sql = "DELETE FROM usage_daily WHERE day < :before "
                                "AND (day, device_id, node_id) <= (:day, :device, :node)",
                         .parameters = {wanted.before, last.day, last.device_id, last.node_id}}));
  return days.size();
}

base::result<models::page<models::monthly_share>> month_table::list(
    const services::month_filter& filter, const models::page_request& wanted) {
  std::string sql =
      "SELECT month, device_id, node_id, up, down FROM usage_monthly "
      "WHERE month >= :first AND month <= :last "
      "AND (month, device_id, node_id) > (:month, :after_device, :after_node)";
  cells parameters{filter.first_month, filter.last_month};
  for (auto& part : parts_of_place(wanted.after)) {
    parameters.emplace_back(std::move(part));
  }
  if (filter.device) {
    sql += " AND device_id = :device";
    parameters.emplace_back(filter.device->text());
  }
  if (filter.node) {
    sql += " AND node_id = :node";
    parameters.emplace_back(filter.node->text());
  }
  sql += " ORDER BY month, device_id, node_id LIMIT :most";
  return row_reader<month_row, models::monthly_share>::page(
      database_, {.sql = sql, .parameters = std::move(parameters)}, wanted.size);
}

}
