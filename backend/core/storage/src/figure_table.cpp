#include "figure_table.hpp"

#include <fmt/format.h>

#include "counting.hpp"
#include "credential_table.hpp"
#include "id_window.hpp"
#include "standing_clause.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct state_row {
  std::string state;
  std::int64_t total = 0;
  std::optional<std::int64_t> oldest;
};
BOOST_DESCRIBE_STRUCT(state_row, (), (state, total, oldest))

struct standing_row {
  std::string standing;
  std::int64_t total = 0;
};
BOOST_DESCRIBE_STRUCT(standing_row, (), (standing, total))

struct credential_figure_row {
  std::string kind;
  std::int64_t oldest_made = 0;
  std::optional<std::int64_t> first_end;
};
BOOST_DESCRIBE_STRUCT(credential_figure_row, (), (kind, oldest_made, first_end))

std::string credentials_query() {
  return fmt::format(
      "SELECT kind, MIN(created_at) AS oldest_made, MIN(expires_at) AS first_end FROM "
      "(SELECT kind, created_at, expires_at, ROW_NUMBER() OVER ({}) AS place "
      "FROM credentials WHERE revoked_at IS NULL) ranked WHERE place = 1 "
      "GROUP BY kind ORDER BY kind",
      leading_order);
}

sql_clause within(const services::standing_window& window, const std::optional<std::string>& last) {
  sql_clause made{.text = " WHERE id > :after", .parameters = {window.after}};
  if (last) {
    made.append({.text = " AND id <= :last", .parameters = {*last}});
  }
  return made;
}

sql_clause standings_query(const connection& database, sql_clause among, base::system_time now) {
  sql_clause made{.text = "SELECT standing, COUNT(*) AS total FROM (SELECT CASE ",
                  .parameters = {}};
  made.append(cases_by_dates(database.schema(), now));
  made.append("WHEN ");
  made.append(quota_is_spent(database, now));
  made.append(" THEN 'limited' ELSE 'active' END AS standing FROM subscriptions");
  made.append(std::move(among));
  made.append(") AS judged GROUP BY standing ORDER BY standing");
  return made;
}

}

base::result<services::key_figures> figure_table::keys() {
  HTTVPS_TRY(const auto rows,
             select_rows<state_row>(
                 database_, {.sql = "SELECT state, COUNT(*) AS total, MIN(activated_at) AS oldest "
                                    "FROM gateway_keys WHERE state <> 'removed' "
                                    "GROUP BY state ORDER BY state"}));
  services::key_figures found;
  for (const auto& row : rows) {
    const auto state = stored_enum<models::key_state>(row.state);
    found.by_state[state] = static_cast<std::uint64_t>(row.total);
    if (state == models::key_state::active) {
      found.oldest_active = from_microseconds(row.oldest);
    }
  }
  return found;
}

base::result<std::uint64_t> figure_table::widest_key_lag() {
  return count_rows(database_,
                    {.sql = "SELECT CAST(COALESCE(MAX(k.revision - k.running_revision), 0) "
                            "AS BIGINT) AS total FROM node_keyrings k "
                            "JOIN nodes n ON n.id = k.node_id WHERE n.state <> 'disabled' "
                            "AND k.revision > k.running_revision"});
}

base::result<services::counted_window> figure_table::subscriptions(
    const services::standing_window& window, base::system_time now) {
  HTTVPS_TRY(auto last,
             end_of(database_,
                    {.table = "subscriptions", .after = window.after, .size = window.size}, {}));
  auto wanted = standings_query(database_, within(window, last), now);
  HTTVPS_TRY(const auto rows,
             select_rows<standing_row>(
                 database_, {.sql = wanted.text, .parameters = std::move(wanted.parameters)}));
  services::counted_window counted{.counts = {}, .last = std::move(last)};
  for (const auto& row : rows) {
    counted.counts[stored_enum<models::subscription_standing>(row.standing)] =
        static_cast<std::uint64_t>(row.total);
  }
  return counted;
}

base::result<services::credential_standing> figure_table::credentials() {
  if (database_.schema() < services::credential_term_schema) {
    return services::credential_standing{};
  }
  static const auto sql = credentials_query();
  HTTVPS_TRY(const auto rows, select_rows<credential_figure_row>(database_, {.sql = sql}));
  services::credential_standing found;
  for (const auto& row : rows) {
    found[stored_enum<models::credential_kind>(row.kind)] = {
        .oldest_made = from_microseconds(row.oldest_made),
        .first_end = from_microseconds(row.first_end)};
  }
  return found;
}

}
