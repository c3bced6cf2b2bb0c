#include "usage_tables.hpp"

#include <fmt/format.h>

#include "bulk.hpp"
#include "httvps/backend/services/account_repositories.hpp"
#include "row_mapping.hpp"
#include "traffic_sum.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct session_row {
  std::int64_t number = 0;
  std::string device_id;
  std::string subscription_id;
  std::int64_t opened_at = 0;
  std::int64_t starts_at = 0;
  std::string reset_period;

  models::metered_session record(const services::epoch_name& epoch) const {
    return {.session = {.key = {.gateway = epoch.gateway,
                                .epoch = epoch.epoch,
                                .number = static_cast<std::uint64_t>(number)},
                        .device = models::device_id::trusted(device_id),
                        .subscription = models::subscription_id::trusted(subscription_id),
                        .opened_at = from_microseconds(opened_at)},
            .reset = stored_enum<models::reset_period>(reset_period),
            .anchor = from_microseconds(starts_at)};
  }
};
BOOST_DESCRIBE_STRUCT(session_row, (),
                      (number, device_id, subscription_id, opened_at, starts_at, reset_period))

struct traffic_row {
  std::int64_t up = 0;
  std::int64_t down = 0;

  models::traffic record() const noexcept {
    return {.up = static_cast<base::byte_count>(up), .down = static_cast<base::byte_count>(down)};
  }
};
BOOST_DESCRIBE_STRUCT(traffic_row, (), (up, down))

struct counted_row {
  std::int64_t number = 0;
  std::string node_id;
  std::int64_t up = 0;
  std::int64_t down = 0;

  models::session_traffic record(const services::epoch_name& epoch) const {
    return {.key = {.gateway = epoch.gateway,
                    .epoch = epoch.epoch,
                    .number = static_cast<std::uint64_t>(number)},
            .node = models::node_id::trusted(node_id),
            .counted = traffic_row{.up = up, .down = down}.record()};
  }
};
BOOST_DESCRIBE_STRUCT(counted_row, (), (number, node_id, up, down))

template <typename Record, typename Row>
std::vector<Record> records_of(const std::vector<Row>& rows, const services::epoch_name& epoch) {
  std::vector<Record> records;
  records.reserve(rows.size());
  for (const auto& row : rows) {
    records.push_back(row.record(epoch));
  }
  return records;
}

bulk_statement metered_lookup(std::string_view plan) {
  const auto rest = fmt::format(
      " JOIN subscriptions u ON u.id = s.subscription_id JOIN plans p ON p.id = {} "
      "WHERE s.gateway_id = :gateway AND s.epoch = :epoch",
      plan);
  return bulk_statement(
      {.head = "SELECT s.number, s.device_id, s.subscription_id, s.opened_at, u.starts_at, "
               "p.reset_period FROM",
       .tail = " JOIN usage_sessions s ON s.number = wanted.column1" + rest,
       .array_tail = fmt::format(" usage_sessions s{} AND s.number = wanted.column1", rest)},
      bulk_use::lookup);
}

bulk_statement counted_lookup(std::string_view table) {
  constexpr std::string_view rest = "WHERE t.gateway_id = :gateway AND t.epoch = :epoch";
  return bulk_statement(
      {.head = "SELECT t.number, t.node_id, t.up, t.down FROM",
       .tail = fmt::format(" JOIN {} t ON t.number = wanted.column1 {}", table, rest),
       .array_tail = fmt::format(" {} t {} AND t.number = wanted.column1", table, rest)},
      bulk_use::lookup);
}

base::result<std::vector<models::session_traffic>> select_counted(
    connection& database, const bulk_statement& statement, const services::epoch_name& epoch,
    const services::session_numbers& numbers) {
  const cells following = {epoch.gateway.text(), epoch.epoch};
  HTTVPS_TRY(const auto rows,
             select_bulk<counted_row>(
                 database, {.statement = statement, .following = following, .numbers = numbers}));
  return records_of<models::session_traffic>(rows, epoch);
}

cells key_cells(const models::session_key& key) {
  return {key.gateway.text(), key.epoch, to_stored(key.number)};
}

cells session_cells(const models::usage_session& session) {
  auto values = key_cells(session.key);
  values.emplace_back(session.device.text());
  values.emplace_back(session.subscription.text());
  values.emplace_back(to_microseconds(session.opened_at));
  return values;
}

cells traffic_cells(const models::session_traffic& traffic) {
  auto values = key_cells(traffic.key);
  values.emplace_back(traffic.node.text());
  values.emplace_back(to_stored(traffic.counted.up));
  values.emplace_back(to_stored(traffic.counted.down));
  return values;
}

}

base::result<std::vector<models::metered_session>> usage_session_table::find(
    const services::epoch_name& epoch, const services::metered_query& wanted) {
  static const auto earlier = metered_lookup("u.plan_id");
  static const auto whole =
      metered_lookup("CASE WHEN u.next_plan_at <= :now THEN u.next_plan_id ELSE u.plan_id END");
  const bool is_whole = database_.schema() >= services::life_cycle_schema;
  cells following = {epoch.gateway.text(), epoch.epoch};
  if (is_whole) {
    following.insert(following.begin(), to_microseconds(wanted.at));
  }
  HTTVPS_TRY(const auto rows,
             select_bulk<session_row>(database_, {.statement = is_whole ? whole : earlier,
                                                  .following = following,
                                                  .numbers = wanted.numbers}));
  return records_of<models::metered_session>(rows, epoch);
}

base::result<> usage_session_table::insert(const std::vector<models::usage_session>& sessions) {
  static const bulk_statement statement(
      {.head = "INSERT INTO usage_sessions "
               "(gateway_id, epoch, number, device_id, subscription_id, opened_at)",
       .columns = 6});
  std::vector<cells> rows;
  rows.reserve(sessions.size());
  for (const auto& session : sessions) {
    rows.push_back(session_cells(session));
  }
  return execute_bulk(database_, statement, {.rows = std::move(rows)});
}

base::result<> usage_session_table::end(const std::vector<models::usage_session>& sessions,
                                        base::system_time now) {
  static const bulk_statement statement(
      {.head = "INSERT INTO usage_sessions "
               "(gateway_id, epoch, number, device_id, subscription_id, opened_at, ended_at)",
       .columns = 7,
       .tail = " ON CONFLICT (gateway_id, epoch, number) "
               "DO UPDATE SET ended_at = excluded.ended_at"});
  std::vector<cells> rows;
  rows.reserve(sessions.size());
  for (const auto& session : sessions) {
    rows.emplace_back(session_cells(session)).emplace_back(to_microseconds(now));
  }
  return execute_bulk(database_, statement, {.rows = std::move(rows)});
}

base::result<std::vector<models::session_traffic>> session_traffic_table::find(
    const services::epoch_name& epoch, const services::session_numbers& numbers) {
  static const auto statement = counted_lookup("session_traffic");
  return select_counted(database_, statement, epoch, numbers);
}

base::result<> session_traffic_table::save(const services::epoch_name& epoch,
                                           const std::vector<services::counted_path>& counted) {
  static const bulk_statement statement(
      {.head = "INSERT INTO session_traffic (gateway_id, epoch, number, node_id, up, down)",
       .columns = 6,
       .tail = " ON CONFLICT (gateway_id, epoch, number, node_id) "
               "DO UPDATE SET up = excluded.up, down = excluded.down"});
  std::vector<cells> rows;
  rows.reserve(counted.size());
  for (const auto& each : counted) {
    rows.push_back({to_stored(each.number), each.node.text(), to_stored(each.counted.up),
                    to_stored(each.counted.down)});
  }
  return execute_bulk(database_, statement,
                      {.shared = {epoch.gateway.text(), epoch.epoch}, .rows = std::move(rows)});
}

base::result<> quarantine_table::raise(const models::session_traffic& unattributed) {
  return database_.execute(
      {.sql = "INSERT INTO usage_quarantine (gateway_id, epoch, number, node_id, up, down) "
              "VALUES (:gateway, :epoch, :number, :node, :up, :down) "
              "ON CONFLICT (gateway_id, epoch, number, node_id) DO UPDATE SET "
              "up = CASE WHEN usage_quarantine.up > excluded.up "
              "THEN usage_quarantine.up ELSE excluded.up END, "
              "down = CASE WHEN usage_quarantine.down > excluded.down "
              "THEN usage_quarantine.down ELSE excluded.down END",
       .parameters = traffic_cells(unattributed)});
}

base::result<std::vector<models::session_traffic>> quarantine_table::find(
    const services::epoch_name& epoch, const services::session_numbers& numbers) {
  static const auto statement = counted_lookup("usage_quarantine");
  return select_counted(database_, statement, epoch, numbers);
}

base::result<> quarantine_table::remove(const models::session_key& session) {
  return database_.execute({.sql = "DELETE FROM usage_quarantine WHERE gateway_id = :gateway "
                                   "AND epoch = :epoch AND number = :number",
                            .parameters = key_cells(session)});
}

base::result<models::traffic> quarantine_table::total() {
  static const auto sql =
      std::string("SELECT ").append(traffic_sums).append(" FROM usage_quarantine");
  HTTVPS_TRY(const auto row, select_row<sum_row>(database_, {.sql = sql}));
  return row ? row->record() : models::traffic{};
}

}
