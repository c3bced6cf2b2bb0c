#include "bulk.hpp"
#include "counting.hpp"
#include "key_tables.hpp"

namespace httvps::backend::storage {
namespace {

struct counter_row {
  std::int64_t up = 0;
  std::int64_t down = 0;
  std::int64_t wire_up = 0;
  std::int64_t wire_down = 0;
};
BOOST_DESCRIBE_STRUCT(counter_row, (), (up, down, wire_up, wire_down))

struct share_row {
  std::string day;
  std::string key_id;
  std::string gateway_id;
  std::int64_t up = 0;
  std::int64_t down = 0;
};
BOOST_DESCRIBE_STRUCT(share_row, (), (day, key_id, gateway_id, up, down))

struct reading_row {
  std::string node_id;
  std::optional<std::string> gateway_id;
  std::int64_t up = 0;
  std::int64_t down = 0;
};
BOOST_DESCRIBE_STRUCT(reading_row, (), (node_id, gateway_id, up, down))

base::byte_count counted(std::int64_t stored) noexcept {
  return static_cast<base::byte_count>(stored);
}

}

base::result<std::optional<models::key_traffic>> key_counter_table::find(
    const services::counter_name& name) {
  HTTVPS_TRY(const auto row,
             select_row<counter_row>(
                 database_, {.sql = "SELECT up, down, wire_up, wire_down FROM node_counters "
                                    "WHERE node_id = :node AND epoch = :epoch AND key_id = :key",
                             .parameters = {name.node.text(), name.epoch, name.key.text()}}));
  if (!row) {
    return std::optional<models::key_traffic>();
  }
  return std::optional(models::key_traffic{.up = counted(row->up),
                                           .down = counted(row->down),
                                           .wire_up = counted(row->wire_up),
                                           .wire_down = counted(row->wire_down)});
}

base::result<> key_counter_table::save(const models::key_counter& counter) {
  return database_.execute(
      {.sql = "INSERT INTO node_counters "
              "(node_id, epoch, key_id, up, down, wire_up, wire_down, received_at) VALUES "
              "(:node, :epoch, :key, :up, :down, :wire_up, :wire_down, :received_at) "
              "ON CONFLICT (node_id, epoch, key_id) DO UPDATE SET up = excluded.up, "
              "down = excluded.down, wire_up = excluded.wire_up, wire_down = excluded.wire_down, "
              "received_at = excluded.received_at",
       .parameters = {counter.node.text(), counter.epoch, counter.key.text(),
                      to_stored(counter.counted.up), to_stored(counter.counted.down),
                      to_stored(counter.counted.wire_up), to_stored(counter.counted.wire_down),
                      to_microseconds(counter.received_at)}});
}

base::result<std::uint64_t> key_counter_table::count_epochs(const models::node_id& node) {
  return count_rows(database_, {.sql = "SELECT COUNT(DISTINCT epoch) AS total FROM node_counters "
                                       "WHERE node_id = :node",
                                .parameters = {node.text()}});
}

base::result<bool> key_counter_table::knows_epoch(const models::node_id& node,
                                                  const std::string& epoch) {
  HTTVPS_TRY(const auto rows,
             count_rows(database_, {.sql = "SELECT COUNT(*) AS total FROM node_counters "
                                           "WHERE node_id = :node AND epoch = :epoch",
                                    .parameters = {node.text(), epoch}}));
  return rows > 0;
}

base::result<> key_counter_table::add(const models::key_share& share) {
  static const auto sql =
      std::string(
          "INSERT INTO node_traffic_daily (day, node_id, key_id, gateway_id, up, down) "
          "VALUES (:day, :node, :key, :gateway, :up, :down) "
          "ON CONFLICT (day, node_id, key_id) DO UPDATE SET ")
          .append(saturating_growth("node_traffic_daily", "up"))
          .append(", ")
          .append(saturating_growth("node_traffic_daily", "down"));
  return database_.execute(
      {.sql = sql,
       .parameters = {share.day, share.node.text(), share.key.text(), share.gateway.text(),
                      to_stored(share.up), to_stored(share.down)}});
}

base::result<std::vector<models::key_share>> key_counter_table::shares(
    const models::node_id& node) {
  HTTVPS_TRY(
      const auto rows,
      select_rows<share_row>(database_, {.sql = "SELECT day, key_id, gateway_id, up, down "
                                                "FROM node_traffic_daily WHERE node_id = :node "
                                                "ORDER BY day, key_id LIMIT 10000",
                                         .parameters = {node.text()}}));
  std::vector<models::key_share> found;
  found.reserve(rows.size());
  for (const auto& row : rows) {
    found.push_back({.day = row.day,
                     .node = node,
                     .key = models::access_key_id::trusted(row.key_id),
                     .gateway = models::gateway_id::trusted(row.gateway_id),
                     .up = counted(row.up),
                     .down = counted(row.down)});
  }
  return found;
}

base::result<std::vector<services::node_reading>> key_counter_table::counted_on(
    const std::string& day) {
  HTTVPS_TRY(const auto rows,
             select_rows<reading_row>(
                 database_, {.sql = "SELECT k.node_id AS node_id, t.gateway_id AS gateway_id, "
                                    "CAST(COALESCE(SUM(t.up), 0) AS BIGINT) AS up, "
                                    "CAST(COALESCE(SUM(t.down), 0) AS BIGINT) AS down "
                                    "FROM node_keyrings k LEFT JOIN node_traffic_daily t "
                                    "ON t.node_id = k.node_id AND t.day = :day "
                                    "WHERE k.source = 'agent' GROUP BY k.node_id, t.gateway_id "
                                    "ORDER BY 1, 2",
                             .parameters = {day}}));
  std::vector<services::node_reading> readings;
  readings.reserve(rows.size());
  for (const auto& row : rows) {
    readings.push_back({.node = models::node_id::trusted(row.node_id),
                        .gateway = row.gateway_id.transform(
                            [](const auto& id) { return models::gateway_id::trusted(id); }),
                        .bytes = {.up = counted(row.up), .down = counted(row.down)}});
  }
  return readings;
}

base::result<> key_counter_table::save_transfer(const models::managed_transfer& read) {
  return database_.execute(
      {.sql = "INSERT INTO managed_transfers (node_id, key_id, transferred, read_at) "
              "VALUES (:node, :key, :transferred, :read_at) "
              "ON CONFLICT (node_id, key_id) DO UPDATE SET "
              "transferred = excluded.transferred, read_at = excluded.read_at",
       .parameters = {read.node.text(), read.key.text(), to_stored(read.transferred),
                      to_microseconds(read.read_at)}});
}

base::result<std::uint64_t> key_counter_table::transferred(const models::node_id& node) {
  return count_rows(database_,
                    {.sql = "SELECT CAST(COALESCE(SUM(transferred), 0) AS BIGINT) AS total "
                            "FROM managed_transfers WHERE node_id = :node",
                     .parameters = {node.text()}});
}

base::result<> key_counter_table::forget_before(base::system_time moment) {
  HTTVPS_CHECK(database_.execute({.sql = "DELETE FROM managed_transfers WHERE read_at < :moment",
                                  .parameters = {to_microseconds(moment)}}));
  return database_.execute({.sql = "DELETE FROM node_counters WHERE received_at < :moment",
                            .parameters = {to_microseconds(moment)}});
}

base::result<std::uint64_t> key_counter_table::forget_days(const services::old_days& wanted) {
  return database_.change(
      {.sql = "DELETE FROM node_traffic_daily WHERE (day, node_id, key_id) IN "
              "(SELECT day, node_id, key_id FROM node_traffic_daily WHERE day < :before "
              "ORDER BY day, node_id, key_id LIMIT :most)",
       .parameters = {wanted.before, to_stored(wanted.most)}});
}

}
