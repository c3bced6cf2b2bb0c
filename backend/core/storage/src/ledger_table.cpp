#include <algorithm>

#include "place_text.hpp"
#include "row_mapping.hpp"
#include "traffic_sum.hpp"
#include "usage_tables.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct used_row {
  std::int64_t up = 0;
  std::int64_t down = 0;
  std::int64_t forgiven_up = 0;
  std::int64_t forgiven_down = 0;

  models::period_use record() const noexcept {
    return {.used = {.up = static_cast<base::byte_count>(up),
                     .down = static_cast<base::byte_count>(down)},
            .forgiven = {.up = static_cast<base::byte_count>(forgiven_up),
                         .down = static_cast<base::byte_count>(forgiven_down)}};
  }
};
BOOST_DESCRIBE_STRUCT(used_row, (), (up, down, forgiven_up, forgiven_down))

struct daily_row {
  std::string day;
  std::string device_id;
  std::string node_id;
  std::int64_t up_high = 0;
  std::int64_t up_low = 0;
  std::int64_t down_high = 0;
  std::int64_t down_low = 0;

  models::usage_row record() const {
    return {
        .day = day,
        .device = models::device_id::trusted(device_id),
        .node = models::node_id::trusted(node_id),
        .counted =
            sum_row{
                .up_high = up_high, .up_low = up_low, .down_high = down_high, .down_low = down_low}
                .record()};
  }
};
BOOST_DESCRIBE_STRUCT(daily_row, (),
                      (day, device_id, node_id, up_high, up_low, down_high, down_low))

constexpr std::string_view days_alone =
    " FROM (SELECT day, device_id, node_id, up, down FROM usage_daily) AS counted ";

constexpr std::string_view waiting_rows =
    "SELECT substr(j.hour, 1, 10) AS day, j.device_id, j.node_id, j.up, j.down "
    "FROM usage_backlog b JOIN usage_journal j "
    "ON j.gateway_id = b.gateway_id AND j.epoch = b.epoch AND j.seq = b.seq";

std::string source_of(const services::usage_filter& filter) {
  if (filter.sources == services::usage_sources::days_alone) {
    return std::string(days_alone);
  }
  return std::string(" FROM (SELECT day, device_id, node_id, up, down FROM usage_daily UNION ALL ")
      .append(waiting_rows)
      .append(") AS counted ");
}

struct condition {
  std::string text = "WHERE day >= :first AND day <= :last";
  cells parameters;
};

condition condition_of(const services::usage_filter& filter) {
  condition made{.parameters = {filter.first_day, filter.last_day}};
  if (filter.device) {
    made.text += " AND device_id = :device";
    made.parameters.emplace_back(filter.device->text());
  }
  if (filter.node) {
    made.text += " AND node_id = :node";
    made.parameters.emplace_back(filter.node->text());
  }
  return made;
}

void add_place(condition& made, const std::string& after) {
  made.text += " AND (day, device_id, node_id) > (:day, :after_device, :after_node)";
  for (auto& part : parts_of_place(after)) {
    made.parameters.emplace_back(std::move(part));
  }
}

constexpr std::string_view in_order = " ORDER BY day, device_id, node_id LIMIT ";

std::string renamed(std::string text) {
  for (auto at = text.find(" :"); at != std::string::npos; at = text.find(" :", at + 2)) {
    text.insert(at + 2, "waiting_");
  }
  for (auto at = text.find("(:"); at != std::string::npos; at = text.find("(:", at + 2)) {
    text.insert(at + 2, "waiting_");
  }
  return text;
}

std::string rows_of(const services::usage_filter& filter, const condition& where) {
  auto sql = std::string(
                 "SELECT day, device_id, node_id, up, down FROM (SELECT day, device_id, "
                 "node_id, up, down FROM usage_daily ")
                 .append(where.text)
                 .append(in_order)
                 .append(":most_days) AS counted_days");
  if (filter.sources == services::usage_sources::days_and_backlog) {
    sql.append(" UNION ALL SELECT day, device_id, node_id, up, down FROM (")
        .append(waiting_rows)
        .append(") AS waiting ")
        .append(renamed(where.text));
  }
  return sql;
}

}

base::result<models::period_use> ledger_table::used(const services::period_name& period) {
  const bool has_resets = database_.schema() >= services::period_reset_schema;
  const auto sql = has_resets
                       ? "SELECT up, down, forgiven_up, forgiven_down FROM subscription_usage "
                         "WHERE subscription_id = :subscription AND period_start = :period"
                       : "SELECT up, down, CAST(0 AS BIGINT) AS forgiven_up, "
                         "CAST(0 AS BIGINT) AS forgiven_down FROM subscription_usage "
                         "WHERE subscription_id = :subscription AND period_start = :period";
  HTTVPS_TRY(const auto row,
             select_row<used_row>(database_, {.sql = sql,
                                              .parameters = {period.subscription.text(),
                                                             to_microseconds(period.period)}}));
  return row ? row->record() : models::period_use{};
}

base::result<models::traffic> ledger_table::total(const services::usage_filter& filter) {
  auto where = condition_of(filter);
  const auto sql =
      std::string("SELECT ").append(traffic_sums).append(source_of(filter)).append(where.text);
  HTTVPS_TRY(
      const auto row,
      select_row<sum_row>(database_, {.sql = sql, .parameters = std::move(where.parameters)}));
  return row ? row->record() : models::traffic{};
}

base::result<models::page<models::usage_row>> ledger_table::list(
    const services::usage_filter& filter, const models::page_request& wanted) {
  const auto most = static_cast<std::int64_t>(wanted.size) + 1;
  auto where = condition_of(filter);
  add_place(where, wanted.after);
  const auto sql = std::string("SELECT day, device_id, node_id, ")
                       .append(traffic_sums)
                       .append(" FROM (")
                       .append(rows_of(filter, where))
                       .append(") AS counted GROUP BY day, device_id, node_id")
                       .append(in_order)
                       .append(":most");
  const auto keys = where.parameters;
  where.parameters.emplace_back(most);
  if (filter.sources == services::usage_sources::days_and_backlog) {
    where.parameters.insert(where.parameters.end(), keys.begin(), keys.end());
  }
  where.parameters.emplace_back(most);
  HTTVPS_TRY(
      const auto rows,
      select_rows<daily_row>(database_, {.sql = sql, .parameters = std::move(where.parameters)}));
  models::page<models::usage_row> found{.items = {}, .more = rows.size() > wanted.size};
  for (std::size_t i = 0; i < std::min<std::size_t>(rows.size(), wanted.size); ++i) {
    found.items.push_back(rows[i].record());
  }
  return found;
}

}
