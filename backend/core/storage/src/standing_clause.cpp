#include "standing_clause.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "httvps/backend/services/account_repositories.hpp"
#include "httvps/backend/services/usage_repositories.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

using models::reset_period;

constexpr unsigned longest_month = 31;
constexpr unsigned months_a_year = 12;
constexpr int cell_width = 5;
constexpr std::int64_t microseconds_a_day = 86'400'000'000;
constexpr std::chrono::year leap_year_long_ago{1972};

std::int64_t start_of(reset_period reset, base::system_time anchor, base::system_time now) {
  return to_microseconds(models::period_start(reset, anchor, now));
}

std::string starts_by_day(reset_period reset, unsigned months, base::system_time now) {
  std::string starts;
  for (unsigned place = 0; place < months * longest_month; ++place) {
    const std::chrono::sys_days day = leap_year_long_ago /
                                      std::chrono::month(place / longest_month + 1) /
                                      std::chrono::day(place % longest_month + 1);
    const base::system_time anchor(day.time_since_epoch());
    const auto days = start_of(reset, anchor, now) / microseconds_a_day;
    fmt::format_to(std::back_inserter(starts), "{:0{}}", days, cell_width);
  }
  return starts;
}

std::string start_part(engine_kind engine, std::string_view part) {
  return engine == engine_kind::postgresql
             ? fmt::format(
                   "CAST(EXTRACT({} FROM to_timestamp(subscriptions.starts_at / 1000000) "
                   "AT TIME ZONE 'UTC') AS INTEGER)",
                   part)
             : fmt::format("strftime('{}', subscriptions.starts_at / 1000000, 'unixepoch')",
                           part == "DAY" ? "%d" : "%m");
}

std::string_view larger_in(engine_kind engine) {
  return engine == engine_kind::postgresql ? "GREATEST" : "MAX";
}

std::string period_text(engine_kind engine) {
  return fmt::format(
      "CASE p.reset_period WHEN 'day' THEN CAST(:day AS BIGINT) "
      "WHEN 'week' THEN CAST(:week AS BIGINT) WHEN 'month' THEN CAST(:month AS BIGINT) "
      "WHEN 'month_rolling' THEN {0}(subscriptions.starts_at, "
      "CAST(substr(CAST(:month_starts AS TEXT), ({1} - 1) * {3} + 1, {3}) AS BIGINT) * {5}) "
      "WHEN 'year' THEN {0}(subscriptions.starts_at, "
      "CAST(substr(CAST(:year_starts AS TEXT), (({2} - 1) * {4} + {1} - 1) * {3} + 1, {3}) AS "
      "BIGINT) * {5}) "
      "ELSE subscriptions.starts_at END",
      larger_in(engine), start_part(engine, "DAY"), start_part(engine, "MONTH"), cell_width,
      longest_month, microseconds_a_day);
}

std::string counted_text(const connection& database, std::string_view side) {
  const auto larger = larger_in(database.engine());
  const bool has_resets = database.schema() >= services::period_reset_schema;
  const bool has_forgiven = database.schema() >= services::life_cycle_schema;
  const auto of_row = has_resets ? fmt::format("COALESCE(u.forgiven_{}, 0)", side) : "0";
  const auto of_subject = has_forgiven
                              ? fmt::format(
                                    "CASE WHEN subscriptions.forgiven_period = u.period_start "
                                    "THEN COALESCE(subscriptions.forgiven_{}, 0) ELSE 0 END",
                                    side)
                              : "0";
  return fmt::format("{0}(COALESCE(u.{1}, 0) - {0}({2}, {3}), 0)", larger, side, of_row,
                     of_subject);
}

}

void sql_clause::append(sql_clause more) {
  text.append(more.text);
  std::ranges::move(more.parameters, std::back_inserter(parameters));
}

sql_clause cases_by_dates(std::uint32_t schema, base::system_time now) {
  const auto moment = to_microseconds(now);
  return {.text = fmt::format("WHEN state = 'cancelled' THEN 'cancelled' "
                              "WHEN suspended_at IS NOT NULL THEN 'suspended' "
                              "WHEN state = 'ended' OR expires_at <= :now THEN 'expired' "
                              "WHEN {}starts_at > :moment THEN 'pending' ",
                              schema >= services::first_use_schema ? "awaits_use <> 0 OR " : ""),
          .parameters = {moment, moment}};
}

sql_clause quota_is_spent(const connection& database, base::system_time now) {
  const bool has_life_cycle = database.schema() >= services::life_cycle_schema;
  sql_clause clause{
      .text = fmt::format(
          "EXISTS (SELECT 1 FROM plans p LEFT JOIN subscription_usage u "
          "ON u.subscription_id = subscriptions.id AND u.period_start = {} WHERE p.id = {} "
          "AND {} - {} <= {})",
          period_text(database.engine()),
          has_life_cycle ? "CASE WHEN subscriptions.next_plan_id IS NOT NULL "
                           "AND subscriptions.next_plan_at <= :turn "
                           "THEN subscriptions.next_plan_id ELSE subscriptions.plan_id END"
                         : "subscriptions.plan_id",
          has_life_cycle ? "COALESCE(subscriptions.quota_bytes, p.quota_bytes)" : "p.quota_bytes",
          counted_text(database, "down"), counted_text(database, "up")),
      .parameters = {}};
  for (const auto reset : {reset_period::day, reset_period::week, reset_period::month}) {
    clause.parameters.emplace_back(start_of(reset, now, now));
  }
  clause.parameters.emplace_back(starts_by_day(reset_period::month_rolling, 1, now));
  clause.parameters.emplace_back(starts_by_day(reset_period::year, months_a_year, now));
  if (has_life_cycle) {
    clause.parameters.emplace_back(to_microseconds(now));
  }
  return clause;
}

}
