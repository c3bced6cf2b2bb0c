#include "quota_table.hpp"

#include "bulk.hpp"
#include "record_table.hpp"
#include "unposted_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct lease_row {
  static constexpr std::string_view table = "quota_leases";

  models::quota_lease record() const {
    return {.gateway = models::gateway_id::trusted(gateway_id),
            .epoch = epoch,
            .subscription = models::subscription_id::trusted(subscription_id),
            .granted = static_cast<base::byte_count>(granted),
            .rolled_up = static_cast<base::byte_count>(rolled_up),
            .renewed_at = from_microseconds(renewed_at)};
  }

  std::string gateway_id;
  std::string epoch;
  std::string subscription_id;
  std::int64_t granted = 0;
  std::int64_t rolled_up = 0;
  std::int64_t renewed_at = 0;
};
BOOST_DESCRIBE_STRUCT(lease_row, (),
                      (gateway_id, epoch, subscription_id, granted, rolled_up, renewed_at))

using reader = row_reader<lease_row, models::quota_lease>;

constexpr std::string_view settlement =
    "UPDATE quota_leases SET granted = 0 "
    "WHERE gateway_id = :gateway AND epoch <> :epoch AND granted > 0 "
    "AND renewed_at + :silence < (SELECT MAX(received_at) "
    "FROM usage_batches AS lively WHERE lively.gateway_id = :same_gateway "
    "AND lively.epoch = :same_epoch AND lively.received_at < :before) "
    "AND NOT EXISTS (SELECT 1 FROM usage_batches AS waiting "
    "WHERE waiting.gateway_id = quota_leases.gateway_id "
    "AND waiting.epoch = quota_leases.epoch AND waiting.seq > COALESCE("
    "(SELECT acked_through FROM usage_epochs AS reported "
    "WHERE reported.gateway_id = quota_leases.gateway_id "
    "AND reported.epoch = quota_leases.epoch), 0))";

}

base::result<std::optional<models::quota_lease>> quota_lease_table::find(
    const services::lease_name& name) {
  static const std::string sql = select_statement<lease_row>(
      "WHERE gateway_id = :gateway AND epoch = :epoch AND subscription_id = :subscription");
  return reader::one(database_, {.sql = sql,
                                 .parameters = {name.epoch.gateway.text(), name.epoch.epoch,
                                                name.subscription.text()}});
}

base::result<> quota_lease_table::save(const models::quota_lease& lease) {
  static const std::string sql = insert_statement<lease_row>() +
                                 " ON CONFLICT (gateway_id, epoch, subscription_id) DO UPDATE SET "
                                 "granted = excluded.granted, rolled_up = excluded.rolled_up, "
                                 "renewed_at = excluded.renewed_at";
  return database_.execute(
      {.sql = sql,
       .parameters = {lease.gateway.text(), lease.epoch, lease.subscription.text(),
                      to_stored(lease.granted), to_stored(lease.rolled_up),
                      to_microseconds(lease.renewed_at)}});
}

base::result<> quota_lease_table::roll_up(const services::rolled_usage& usage) {
  static const auto tail =
      std::string(" ON CONFLICT (gateway_id, epoch, subscription_id) DO UPDATE SET ")
          .append(saturating_growth("quota_leases", "rolled_up"));
  static const bulk_statement statement(
      {.head = "INSERT INTO quota_leases "
               "(gateway_id, epoch, granted, renewed_at, subscription_id, rolled_up)",
       .columns = 6,
       .tail = tail});
  std::vector<cells> rows;
  rows.reserve(usage.shares.size());
  for (const auto& share : usage.shares) {
    rows.push_back({share.subscription.text(), to_stored(share.added)});
  }
  cells shared{usage.epoch.gateway.text(), usage.epoch.epoch, std::int64_t(0),
               to_microseconds(usage.at)};
  return execute_bulk(database_, statement, {.shared = std::move(shared), .rows = std::move(rows)});
}

base::result<std::vector<models::quota_lease>> quota_lease_table::list(
    const services::open_leases& wanted) {
  static const std::string sql = select_statement<lease_row>(
      "WHERE subscription_id = :subscription AND granted > 0 AND granted > rolled_up "
      "AND renewed_at > :after");
  return reader::all(database_, {.sql = sql,
                                 .parameters = {wanted.subscription.text(),
                                                to_microseconds(wanted.renewed_after)}});
}

base::result<> quota_lease_table::settle(const services::dead_epochs& dead) {
  const auto& [heard, heard_before, silence] = dead;
  const auto sql =
      std::string(settlement).append(and_all_posted(database_.schema(), "quota_leases"));
  return database_.execute(
      {.sql = sql,
       .parameters = {heard.gateway.text(), heard.epoch, std::int64_t(silence.count()),
                      heard.gateway.text(), heard.epoch, to_microseconds(heard_before)}});
}

base::result<> quota_lease_table::forget_before(base::system_time moment) {
  return database_.execute(
      {.sql = "DELETE FROM quota_leases WHERE renewed_at < :moment AND NOT EXISTS "
              "(SELECT 1 FROM usage_batches AS recent "
              "WHERE recent.gateway_id = quota_leases.gateway_id "
              "AND recent.epoch = quota_leases.epoch AND recent.received_at >= :recent)",
       .parameters = {to_microseconds(moment), to_microseconds(moment)}});
}

}
