#include "table_room.hpp"

#include <fmt/format.h>

#include "row_mapping.hpp"

namespace httvps::backend::storage {
namespace {

constexpr int percent_filled = 50;
constexpr std::string_view counters_without_room =
    "SELECT CAST(relname AS TEXT) AS name FROM pg_class WHERE pg_table_is_visible(oid) "
    "AND relkind = 'r' AND reloptions IS NULL "
    "AND relname IN ('quota_leases', 'session_traffic', 'subscription_usage', 'usage_daily') ORDER "
    "BY relname";

struct name_row {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(name_row, (), (name))

base::result<> leave_room(connection& database) {
  HTTVPS_TRY(const auto tables, select_rows<name_row>(database, {.sql = counters_without_room}));
  for (const auto& table : tables) {
    HTTVPS_CHECK(database.run_script(
        fmt::format("ALTER TABLE {} SET (fillfactor = {})", table.name, percent_filled)));
  }
  return {};
}

}

base::result<> leave_room_for_updates(connection& database) {
  if (database.engine() != engine_kind::postgresql) {
    return {};
  }
  HTTVPS_CHECK(database.begin(transaction_kind::migrating));
  const auto left = leave_room(database);
  if (!left) {
    database.roll_back();
    return left;
  }
  return database.commit();
}

}
