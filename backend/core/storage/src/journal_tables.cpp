#include "journal_tables.hpp"

#include "batch_name_row.hpp"
#include "bulk.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct delta_row {
  std::string hour;
  std::string device_id;
  std::string node_id;
  std::string subscription_id;
  std::int64_t period_start = 0;
  std::int64_t up = 0;
  std::int64_t down = 0;

  models::usage_delta record() const {
    return {.hour = hour,
            .device = models::device_id::trusted(device_id),
            .node = models::node_id::trusted(node_id),
            .subscription = models::subscription_id::trusted(subscription_id),
            .period = from_microseconds(period_start),
            .added = {.up = static_cast<base::byte_count>(up),
                      .down = static_cast<base::byte_count>(down)}};
  }
};
BOOST_DESCRIBE_STRUCT(delta_row, (),
                      (hour, device_id, node_id, subscription_id, period_start, up, down))

struct backlog_row {
  std::int64_t batches = 0;
  std::int64_t unposted = 0;
  std::optional<std::int64_t> oldest;
};
BOOST_DESCRIBE_STRUCT(backlog_row, (), (batches, unposted, oldest))

constexpr std::string_view earlier_backlog =
    "SELECT COUNT(*) AS batches, CAST(0 AS BIGINT) AS unposted, MIN(received_at) AS oldest "
    "FROM usage_backlog";
constexpr std::string_view whole_backlog =
    "SELECT COUNT(*) AS batches, CAST(COALESCE(SUM(is_unposted), 0) AS BIGINT) AS unposted, "
    "MIN(received_at) AS oldest FROM (SELECT received_at, 0 AS is_unposted FROM usage_backlog "
    "UNION ALL SELECT received_at, 1 AS is_unposted FROM usage_unposted) AS waiting";

struct lease_row {
  std::string holder;
  std::int64_t fence = 0;
  std::int64_t expires_at = 0;
};
BOOST_DESCRIBE_STRUCT(lease_row, (), (holder, fence, expires_at))

cells cells_of(const models::usage_delta& delta, std::size_t line) {
  return {to_stored(line),           delta.hour,
          delta.device.text(),       delta.node.text(),
          delta.subscription.text(), to_microseconds(delta.period),
          to_stored(delta.added.up), to_stored(delta.added.down)};
}

}

base::result<> delta_table::append(const models::usage_batch& batch,
                                   const std::vector<models::usage_delta>& deltas) {
  static const bulk_statement statement(
      {.head = "INSERT INTO usage_journal (gateway_id, epoch, seq, line, hour, device_id, node_id, "
               "subscription_id, period_start, up, down)",
       .columns = 11});
  std::vector<cells> rows;
  rows.reserve(deltas.size());
  for (const auto& delta : deltas) {
    rows.push_back(cells_of(delta, rows.size() + 1));
  }
  cells shared{batch.gateway.text(), batch.epoch, to_stored(batch.seq)};
  HTTVPS_CHECK(
      execute_bulk(database_, statement, {.shared = std::move(shared), .rows = std::move(rows)}));
  return database_.execute({.sql =
                                "INSERT INTO usage_backlog (gateway_id, epoch, seq, received_at) "
                                "VALUES (:gateway, :epoch, :seq, :received_at)",
                            .parameters = {batch.gateway.text(), batch.epoch, to_stored(batch.seq),
                                           to_microseconds(batch.received_at)}});
}

base::result<std::vector<models::usage_delta>> delta_table::find(
    const services::batch_name& batch) {
  HTTVPS_TRY(const auto rows,
             select_rows<delta_row>(
                 database_, {.sql = "SELECT hour, device_id, node_id, subscription_id, "
                                    "period_start, up, down FROM usage_journal "
                                    "WHERE gateway_id = :gateway AND epoch = :epoch AND seq = :seq "
                                    "ORDER BY line",
                             .parameters = name_cells(batch)}));
  std::vector<models::usage_delta> deltas;
  deltas.reserve(rows.size());
  for (const auto& row : rows) {
    deltas.push_back(row.record());
  }
  return deltas;
}

base::result<std::vector<services::batch_name>> backlog_table::oldest(std::size_t most) {
  return select_names(database_, {.sql = "SELECT gateway_id, epoch, seq FROM usage_backlog "
                                         "ORDER BY received_at, gateway_id, epoch, seq LIMIT :most",
                                  .parameters = {to_stored(most)}});
}

base::result<> backlog_table::remove(const std::vector<services::batch_name>& batches) {
  for (const auto& batch : batches) {
    HTTVPS_CHECK(database_.execute({.sql = "DELETE FROM usage_backlog WHERE gateway_id = :gateway "
                                           "AND epoch = :epoch AND seq = :seq",
                                    .parameters = name_cells(batch)}));
  }
  return {};
}

base::result<services::usage_backlog_state> backlog_table::state() {
  const bool is_whole = database_.schema() >= services::unposted_usage_schema;
  HTTVPS_TRY(const auto row, select_row<backlog_row>(
                                 database_, {.sql = is_whole ? whole_backlog : earlier_backlog}));
  if (!row) {
    return services::usage_backlog_state{};
  }
  return services::usage_backlog_state{.batches = static_cast<std::uint64_t>(row->batches),
                                       .unposted = static_cast<std::uint64_t>(row->unposted),
                                       .oldest = from_microseconds(row->oldest)};
}

base::result<std::optional<services::worker_lease>> worker_lease_table::find(
    const std::string& name) {
  HTTVPS_TRY(const auto row,
             select_row<lease_row>(database_, {.sql = "SELECT holder, fence, expires_at "
                                                      "FROM worker_leases WHERE name = :name",
                                               .parameters = {name}}));
  if (!row) {
    return std::optional<services::worker_lease>();
  }
  return std::optional(services::worker_lease{.name = name,
                                              .holder = row->holder,
                                              .fence = static_cast<std::uint64_t>(row->fence),
                                              .expires_at = from_microseconds(row->expires_at)});
}

base::result<> worker_lease_table::save(const services::worker_lease& lease) {
  return database_.execute(
      {.sql = "INSERT INTO worker_leases (name, holder, fence, expires_at) "
              "VALUES (:name, :holder, :fence, :expires_at) "
              "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fence = excluded.fence, "
              "expires_at = excluded.expires_at",
       .parameters = {lease.name, lease.holder, to_stored(lease.fence),
                      to_microseconds(lease.expires_at)}});
}

}
