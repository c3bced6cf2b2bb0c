#include "archive_tables.hpp"

#include "batch_name_row.hpp"
#include "counting.hpp"
#include "place_text.hpp"
#include "traffic_sum.hpp"
#include "unposted_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct hourly_row {
  std::string hour;
  std::string node_id;
  std::string gateway_id;
  std::int64_t up = 0;
  std::int64_t down = 0;

  models::hourly_share record() const {
    return {.hour = hour,
            .node = models::node_id::trusted(node_id),
            .gateway = models::gateway_id::trusted(gateway_id),
            .added = {.up = static_cast<base::byte_count>(up),
                      .down = static_cast<base::byte_count>(down)}};
  }
};
BOOST_DESCRIBE_STRUCT(hourly_row, (), (hour, node_id, gateway_id, up, down))

constexpr std::string_view shares_of_hours =
    "SELECT hour, node_id, gateway_id, up, down FROM usage_hourly "
    "WHERE hour >= :first AND hour <= :last";

base::result<std::vector<models::hourly_share>> select_shares(connection& database,
                                                              const query& wanted) {
  HTTVPS_TRY(const auto rows, select_rows<hourly_row>(database, wanted));
  std::vector<models::hourly_share> shares;
  shares.reserve(rows.size());
  for (const auto& row : rows) {
    shares.push_back(row.record());
  }
  return shares;
}

struct path_row {
  std::string node_id;
  std::string gateway_id;
  std::int64_t up_high = 0;
  std::int64_t up_low = 0;
  std::int64_t down_high = 0;
  std::int64_t down_low = 0;

  models::path_share record() const {
    return {
        .node = models::node_id::trusted(node_id),
        .gateway = models::gateway_id::trusted(gateway_id),
        .added =
            sum_row{
                .up_high = up_high, .up_low = up_low, .down_high = down_high, .down_low = down_low}
                .record()};
  }
};
BOOST_DESCRIBE_STRUCT(path_row, (), (node_id, gateway_id, up_high, up_low, down_high, down_low))

struct hour_row {
  std::optional<std::string> hour;
};
BOOST_DESCRIBE_STRUCT(hour_row, (), (hour))

constexpr std::string_view settled_names =
    "SELECT b.gateway_id, b.epoch, b.seq FROM usage_batches b "
    "JOIN usage_epochs e ON e.gateway_id = b.gateway_id AND e.epoch = b.epoch "
    "WHERE b.received_at < :before AND b.seq <= e.acked_through "
    "AND NOT EXISTS (SELECT 1 FROM usage_backlog w WHERE w.gateway_id = b.gateway_id "
    "AND w.epoch = b.epoch AND w.seq = b.seq)";

}

base::result<std::vector<models::hourly_share>> hours_table::page(
    const services::share_filter& wanted) {
  auto sql = std::string(shares_of_hours)
                 .append(" AND (hour, node_id, gateway_id) > (:hour, :after_node, :after_gateway)");
  cells parameters{wanted.hours.first, wanted.hours.last};
  for (auto& part : parts_of_place(wanted.after)) {
    parameters.emplace_back(std::move(part));
  }
  if (wanted.node) {
    sql += " AND node_id = :node";
    parameters.emplace_back(wanted.node->text());
  }
  if (wanted.gateway) {
    sql += " AND gateway_id = :gateway";
    parameters.emplace_back(wanted.gateway->text());
  }
  sql += " ORDER BY hour, node_id, gateway_id LIMIT :most";
  parameters.emplace_back(to_stored(wanted.most));
  return select_shares(database_, {.sql = sql, .parameters = std::move(parameters)});
}

base::result<models::traffic> hours_table::total(const services::hour_range& range) {
  static const auto sql = std::string("SELECT ")
                              .append(traffic_sums)
                              .append(" FROM usage_hourly WHERE hour >= :first AND hour <= :last");
  HTTVPS_TRY(const auto row,
             select_row<sum_row>(database_, {.sql = sql, .parameters = {range.first, range.last}}));
  return row ? row->record() : models::traffic{};
}

base::result<std::vector<models::path_share>> hours_table::by_path(
    const services::hour_range& range) {
  static const auto sql = std::string("SELECT node_id, gateway_id, ")
                              .append(traffic_sums)
                              .append(
                                  " FROM usage_hourly WHERE hour >= :first AND hour <= :last "
                                  "GROUP BY node_id, gateway_id ORDER BY node_id, gateway_id");
  HTTVPS_TRY(
      const auto rows,
      select_rows<path_row>(database_, {.sql = sql, .parameters = {range.first, range.last}}));
  std::vector<models::path_share> shares;
  shares.reserve(rows.size());
  for (const auto& row : rows) {
    shares.push_back(row.record());
  }
  return shares;
}

base::result<std::optional<std::string>> hours_table::oldest() {
  HTTVPS_TRY(const auto row, select_row<hour_row>(database_, {.sql = "SELECT MIN(hour) AS hour "
                                                                     "FROM usage_hourly"}));
  return row ? row->hour : std::nullopt;
}

base::result<> hours_table::remove(const std::string& hour) {
  return database_.execute(
      {.sql = "DELETE FROM usage_hourly WHERE hour = :hour", .parameters = {hour}});
}

base::result<std::vector<services::batch_name>> archive_table::settled(
    const services::settled_batches& wanted) {
  const auto sql = std::string(settled_names)
                       .append(and_all_posted(database_.schema(), "b"))
                       .append(" ORDER BY b.received_at, b.gateway_id, b.epoch, b.seq LIMIT :most");
  return select_names(
      database_,
      {.sql = sql, .parameters = {to_microseconds(wanted.before), to_stored(wanted.most)}});
}

base::result<> archive_table::remove(const std::vector<services::batch_name>& batches) {
  for (const auto& batch : batches) {
    HTTVPS_CHECK(database_.execute({.sql = "DELETE FROM usage_journal WHERE gateway_id = :gateway "
                                           "AND epoch = :epoch AND seq = :seq",
                                    .parameters = name_cells(batch)}));
    HTTVPS_CHECK(database_.execute({.sql = "DELETE FROM usage_batches WHERE gateway_id = :gateway "
                                           "AND epoch = :epoch AND seq = :seq",
                                    .parameters = name_cells(batch)}));
  }
  return {};
}

base::result<std::uint64_t> archive_table::missing_batches() {
  return count_rows(
      database_,
      {.sql = "SELECT CAST(COALESCE(SUM(CASE WHEN highest > acked_through "
              "THEN highest - acked_through - later ELSE 0 END), 0) AS BIGINT) AS total FROM ("
              "SELECT e.acked_through, (SELECT MAX(b.seq) FROM usage_batches b "
              "WHERE b.gateway_id = e.gateway_id AND b.epoch = e.epoch) AS highest, "
              "(SELECT COUNT(*) FROM usage_batches b WHERE b.gateway_id = e.gateway_id "
              "AND b.epoch = e.epoch AND b.seq > e.acked_through) AS later "
              "FROM usage_epochs e) AS epochs"});
}

}
