#include "bulk.hpp"
#include "journal_tables.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

void append_traffic(cells& values, const models::traffic& added) {
  values.emplace_back(to_stored(added.up));
  values.emplace_back(to_stored(added.down));
}

}

base::result<> books_table::add_to_periods(const std::vector<models::period_share>& shares) {
  static const auto statement =
      saturating_upsert("subscription_usage", "subscription_id, period_start", 4);
  std::vector<cells> rows;
  rows.reserve(shares.size());
  for (const auto& share : shares) {
    append_traffic(
        rows.emplace_back(cells{share.subscription.text(), to_microseconds(share.period)}),
        share.added);
  }
  return execute_bulk(database_, statement, {.rows = std::move(rows)});
}

base::result<> books_table::forgive(const services::period_name& period,
                                    const models::traffic& counted) {
  return database_.execute(
      {.sql = "UPDATE subscription_usage SET forgiven_up = :up, forgiven_down = :down "
              "WHERE subscription_id = :subscription AND period_start = :period",
       .parameters = {to_stored(counted.up), to_stored(counted.down), period.subscription.text(),
                      to_microseconds(period.period)}});
}

base::result<> books_table::add_to_days(const std::vector<models::usage_row>& shares) {
  static const auto statement = saturating_upsert("usage_daily", "day, device_id, node_id", 5);
  std::vector<cells> rows;
  rows.reserve(shares.size());
  for (const auto& share : shares) {
    append_traffic(rows.emplace_back(cells{share.day, share.device.text(), share.node.text()}),
                   share.counted);
  }
  return execute_bulk(database_, statement, {.rows = std::move(rows)});
}

base::result<> books_table::add_to_hours(const std::vector<models::hourly_share>& shares) {
  static const auto statement = saturating_upsert("usage_hourly", "hour, node_id, gateway_id", 5);
  std::vector<cells> rows;
  rows.reserve(shares.size());
  for (const auto& share : shares) {
    append_traffic(rows.emplace_back(cells{share.hour, share.node.text(), share.gateway.text()}),
                   share.added);
  }
  return execute_bulk(database_, statement, {.rows = std::move(rows)});
}

}
