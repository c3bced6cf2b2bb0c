#include "row_mapping.hpp"
#include "usage_tables.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct sum_row {
  std::int64_t up = 0;
  std::int64_t down = 0;

  models::traffic record() const noexcept {
    return {.up = static_cast<base::byte_count>(up), .down = static_cast<base::byte_count>(down)};
  }
};
BOOST_DESCRIBE_STRUCT(sum_row, (), (up, down))

struct daily_row {
  std::string day;
  std::string device_id;
  std::string node_id;
  std::int64_t up = 0;
  std::int64_t down = 0;

  models::usage_row record() const {
    return {.day = day,
            .device = models::device_id::trusted(device_id),
            .node = models::node_id::trusted(node_id),
            .counted = sum_row{.up = up, .down = down}.record()};
  }
};
BOOST_DESCRIBE_STRUCT(daily_row, (), (day, device_id, node_id, up, down))

std::string saturating_upsert(std::string_view table, std::string_view keys) {
  const auto grown = [&](std::string_view column) {
    const auto known = std::string(table).append(".").append(column);
    const auto added = std::string("excluded.").append(column);
    return std::string(column)
        .append(" = CASE WHEN ")
        .append(known)
        .append(" > 9223372036854775807 - ")
        .append(added)
        .append(" THEN 9223372036854775807 ELSE ")
        .append(known)
        .append(" + ")
        .append(added)
        .append(" END");
  };
  return std::string(" ON CONFLICT (")
      .append(keys)
      .append(") DO UPDATE SET ")
      .append(grown("up"))
      .append(", ")
      .append(grown("down"));
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

}

base::result<> ledger_table::add(const models::usage_share& share) {
  static const std::string daily =
      "INSERT INTO usage_daily (day, device_id, node_id, up, down) "
      "VALUES (:day, :device, :node, :up, :down)" +
      saturating_upsert("usage_daily", "day, device_id, node_id");
  static const std::string period =
      "INSERT INTO subscription_usage (subscription_id, period_start, up, down) "
      "VALUES (:subscription, :period, :up, :down)" +
      saturating_upsert("subscription_usage", "subscription_id, period_start");
  const auto up = to_stored(share.added.up);
  const auto down = to_stored(share.added.down);
  HTTVPS_CHECK(database_.execute(
      {.sql = daily, .parameters = {share.day, share.device.text(), share.node.text(), up, down}}));
  return database_.execute(
      {.sql = period,
       .parameters = {share.subscription.text(), to_microseconds(share.period), up, down}});
}

base::result<models::traffic> ledger_table::used(const services::period_name& period) {
  HTTVPS_TRY(const auto row,
             select_row<sum_row>(database_, {.sql = "SELECT up, down FROM subscription_usage "
                                                    "WHERE subscription_id = :subscription "
                                                    "AND period_start = :period",
                                             .parameters = {period.subscription.text(),
                                                            to_microseconds(period.period)}}));
  return row ? row->record() : models::traffic{};
}

base::result<models::traffic> ledger_table::total(const services::usage_filter& filter) {
  auto where = condition_of(filter);
  const auto sql = "SELECT up, down FROM usage_daily " + where.text;
  models::traffic sum;
  static constexpr auto kinds = column_kinds<sum_row>();
  HTTVPS_CHECK(database_.select(
      {.sql = sql, .parameters = std::move(where.parameters)}, kinds, [&](cells&& values) {
        sum = models::saturating_sum(sum, row_of<sum_row>(std::move(values)).record());
      }));
  return sum;
}

base::result<models::page<models::usage_row>> ledger_table::list(
    const services::usage_filter& filter, const models::page_request& wanted) {
  auto where = condition_of(filter);
  const auto sql = "SELECT day, device_id, node_id, up, down FROM usage_daily " + where.text +
                   " AND day || '/' || device_id || '/' || node_id > :after"
                   " ORDER BY day, device_id, node_id LIMIT :most";
  where.parameters.emplace_back(wanted.after);
  where.parameters.emplace_back(static_cast<std::int64_t>(wanted.size) + 1);
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
