#include "epoch_table.hpp"

#include "counting.hpp"
#include "row_mapping.hpp"
#include "unposted_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct epoch_row {
  std::string gateway_id;
  std::string epoch;
};
BOOST_DESCRIBE_STRUCT(epoch_row, (), (gateway_id, epoch))

struct number_row {
  std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(number_row, (), (number))

constexpr std::string_view finished_epochs =
    "SELECT e.gateway_id, e.epoch FROM usage_epochs e WHERE e.closed_at IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM usage_batches b WHERE b.gateway_id = e.gateway_id "
    "AND b.epoch = e.epoch AND b.seq > e.acked_through) "
    "AND NOT EXISTS (SELECT 1 FROM usage_batches b WHERE b.gateway_id = e.gateway_id "
    "AND b.epoch = e.epoch AND b.received_at >= :before) "
    "AND NOT EXISTS (SELECT 1 FROM usage_backlog w WHERE w.gateway_id = e.gateway_id "
    "AND w.epoch = e.epoch) "
    "AND EXISTS (SELECT 1 FROM usage_epochs n WHERE n.gateway_id = e.gateway_id "
    "AND n.epoch <> e.epoch AND n.begun_at > COALESCE(e.begun_at, 0) "
    "AND NOT EXISTS (SELECT 1 FROM usage_batches b WHERE b.gateway_id = e.gateway_id "
    "AND b.epoch = e.epoch AND b.received_at >= n.begun_at))";

}

base::result<std::vector<services::epoch_name>> epoch_table::select_epochs(const query& wanted) {
  HTTVPS_TRY(const auto rows, select_rows<epoch_row>(database_, wanted));
  std::vector<services::epoch_name> names;
  names.reserve(rows.size());
  for (const auto& row : rows) {
    names.push_back({.gateway = models::gateway_id::trusted(row.gateway_id), .epoch = row.epoch});
  }
  return names;
}

base::result<> epoch_table::hold(const services::epoch_name& name, base::system_time now) {
  return database_.execute(
      {.sql = "INSERT INTO usage_epochs (gateway_id, epoch, acked_through, begun_at) "
              "VALUES (:gateway, :epoch, 0, :now) "
              "ON CONFLICT (gateway_id, epoch) DO UPDATE SET "
              "acked_through = usage_epochs.acked_through",
       .parameters = {name.gateway.text(), name.epoch, to_microseconds(now)}});
}

base::result<bool> epoch_table::has_room(const services::epoch_name& name, std::uint64_t most) {
  HTTVPS_TRY(const auto open_besides,
             count_rows(database_,
                        {.sql = "SELECT COUNT(*) AS total FROM (SELECT 1 AS one FROM usage_epochs "
                                "WHERE gateway_id = :gateway AND closed_at IS NULL "
                                "AND NOT EXISTS (SELECT 1 FROM usage_epochs AS begun "
                                "WHERE begun.gateway_id = :same AND begun.epoch = :epoch) "
                                "LIMIT :most) AS open_ones",
                         .parameters = {name.gateway.text(), name.gateway.text(), name.epoch,
                                        static_cast<std::int64_t>(most)}}));
  return open_besides < most;
}

base::result<> epoch_table::lock(const services::epoch_name& name) {
  return database_.execute({.sql = "UPDATE usage_epochs SET closed_at = closed_at "
                                   "WHERE gateway_id = :gateway AND epoch = :epoch",
                            .parameters = {name.gateway.text(), name.epoch}});
}

base::result<bool> epoch_table::is_closed(const services::epoch_name& name) {
  HTTVPS_TRY(const auto found,
             count_rows(database_, {.sql = "SELECT COUNT(*) AS total FROM usage_epochs "
                                           "WHERE gateway_id = :gateway AND epoch = :epoch "
                                           "AND closed_at IS NOT NULL",
                                    .parameters = {name.gateway.text(), name.epoch}}));
  return found > 0;
}

base::result<std::vector<services::epoch_name>> epoch_table::finished(
    const services::epoch_filter& wanted) {
  const auto before = to_microseconds(wanted.before);
  const auto sql = std::string(finished_epochs)
                       .append(and_all_posted(database_.schema(), "e"))
                       .append(" ORDER BY e.gateway_id, e.epoch LIMIT :most");
  return select_epochs({.sql = sql, .parameters = {before, to_stored(wanted.most)}});
}

base::result<> epoch_table::close(const services::epoch_name& name, base::system_time now) {
  if (database_.schema() >= services::ended_session_schema) {
    HTTVPS_CHECK(database_.execute({.sql = "DELETE FROM usage_pruned WHERE gateway_id = :gateway "
                                           "AND epoch = :epoch",
                                    .parameters = {name.gateway.text(), name.epoch}}));
  }
  return database_.execute(
      {.sql = "UPDATE usage_epochs SET closed_at = :now "
              "WHERE gateway_id = :gateway AND epoch = :epoch AND closed_at IS NULL",
       .parameters = {to_microseconds(now), name.gateway.text(), name.epoch}});
}

base::result<std::vector<services::epoch_name>> epoch_table::closed_with_sessions(
    const services::epoch_filter& wanted) {
  return select_epochs(
      {.sql = "SELECT e.gateway_id, e.epoch FROM usage_epochs e WHERE e.closed_at <= :before "
              "AND EXISTS (SELECT 1 FROM usage_sessions s WHERE s.gateway_id = e.gateway_id "
              "AND s.epoch = e.epoch) ORDER BY e.gateway_id, e.epoch LIMIT :most",
       .parameters = {to_microseconds(wanted.before), to_stored(wanted.most)}});
}

base::result<std::uint64_t> epoch_table::remove_first(const services::epoch_name& name,
                                                      std::size_t most,
                                                      const numbered_rows& wanted) {
  HTTVPS_CHECK(lock(name));
  HTTVPS_TRY(const auto numbers,
             select_rows<number_row>(
                 database_, {.sql = wanted.select,
                             .parameters = {name.gateway.text(), name.epoch, to_stored(most)}}));
  if (numbers.empty()) {
    return 0U;
  }
  for (const auto sql : wanted.removals) {
    HTTVPS_CHECK(database_.execute(
        {.sql = sql, .parameters = {name.gateway.text(), name.epoch, numbers.back().number}}));
  }
  return numbers.size();
}

base::result<std::uint64_t> epoch_table::remove_sessions(const services::epoch_name& name,
                                                         std::size_t most) {
  return remove_first(name, most,
                      {.select = "SELECT number FROM usage_sessions WHERE gateway_id = :gateway "
                                 "AND epoch = :epoch ORDER BY number LIMIT :most",
                       .removals = {"DELETE FROM session_traffic WHERE gateway_id = :gateway "
                                    "AND epoch = :epoch AND number <= :last",
                                    "DELETE FROM usage_sessions WHERE gateway_id = :gateway "
                                    "AND epoch = :epoch AND number <= :last"}});
}

base::result<std::vector<services::epoch_name>> epoch_table::closed_with_quarantine(
    const services::epoch_filter& wanted) {
  return select_epochs(
      {.sql = "SELECT e.gateway_id, e.epoch FROM usage_epochs e WHERE e.closed_at < :before "
              "AND EXISTS (SELECT 1 FROM usage_quarantine q WHERE q.gateway_id = e.gateway_id "
              "AND q.epoch = e.epoch) ORDER BY e.gateway_id, e.epoch LIMIT :most",
       .parameters = {to_microseconds(wanted.before), to_stored(wanted.most)}});
}

base::result<std::uint64_t> epoch_table::remove_quarantine(const services::epoch_name& name,
                                                           std::size_t most) {
  return remove_first(name, most,
                      {.select = "SELECT number FROM usage_quarantine WHERE gateway_id = :gateway "
                                 "AND epoch = :epoch ORDER BY number LIMIT :most",
                       .removals = {"DELETE FROM usage_quarantine WHERE gateway_id = :gateway "
                                    "AND epoch = :epoch AND number <= :last"}});
}

}
