#include "row_mapping.hpp"
#include "usage_tables.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct batch_row {
  std::string digest;
  std::int64_t line_count = 0;
  std::int64_t quarantined = 0;
  std::int64_t received_at = 0;
};
BOOST_DESCRIBE_STRUCT(batch_row, (), (digest, line_count, quarantined, received_at))

struct sequence_row {
  std::int64_t seq = 0;
};
BOOST_DESCRIBE_STRUCT(sequence_row, (), (seq))

}

base::result<std::optional<models::usage_batch>> journal_table::find(
    const services::batch_name& name) {
  HTTVPS_TRY(
      const auto row,
      select_row<batch_row>(
          database_,
          {.sql = "SELECT digest, line_count, quarantined, received_at FROM usage_batches "
                  "WHERE gateway_id = :gateway AND epoch = :epoch AND seq = :seq",
           .parameters = {name.epoch.gateway.text(), name.epoch.epoch, to_stored(name.seq)}}));
  if (!row) {
    return std::optional<models::usage_batch>();
  }
  return std::optional(
      models::usage_batch{.gateway = name.epoch.gateway,
                          .epoch = name.epoch.epoch,
                          .seq = name.seq,
                          .digest = row->digest,
                          .rows = static_cast<std::uint32_t>(row->line_count),
                          .quarantined = static_cast<std::uint32_t>(row->quarantined),
                          .received_at = from_microseconds(row->received_at)});
}

base::result<> journal_table::insert(const models::usage_batch& batch) {
  return database_.execute(
      {.sql = "INSERT INTO usage_batches "
              "(gateway_id, epoch, seq, digest, line_count, quarantined, received_at) "
              "VALUES (:gateway, :epoch, :seq, :digest, :line_count, :quarantined, :received_at)",
       .parameters = {batch.gateway.text(), batch.epoch, to_stored(batch.seq), batch.digest,
                      std::int64_t(batch.rows), std::int64_t(batch.quarantined),
                      to_microseconds(batch.received_at)}});
}

base::result<> journal_table::save_quarantined(const services::batch_name& name,
                                               std::uint32_t rows) {
  return database_.execute({.sql = "UPDATE usage_batches SET quarantined = :rows "
                                   "WHERE gateway_id = :gateway AND epoch = :epoch AND seq = :seq",
                            .parameters = {std::int64_t(rows), name.epoch.gateway.text(),
                                           name.epoch.epoch, to_stored(name.seq)}});
}

base::result<std::uint64_t> journal_table::acked_through(const services::epoch_name& epoch) {
  HTTVPS_TRY(
      const auto row,
      select_row<sequence_row>(database_, {.sql = "SELECT acked_through AS seq FROM usage_epochs "
                                                  "WHERE gateway_id = :gateway AND epoch = :epoch",
                                           .parameters = {epoch.gateway.text(), epoch.epoch}}));
  return row ? static_cast<std::uint64_t>(row->seq) : 0;
}

base::result<> journal_table::save_acked(const services::epoch_name& epoch,
                                         std::uint64_t acked_through) {
  return database_.execute(
      {.sql = "INSERT INTO usage_epochs (gateway_id, epoch, acked_through) "
              "VALUES (:gateway, :epoch, :acked) "
              "ON CONFLICT (gateway_id, epoch) DO UPDATE SET acked_through = "
              "CASE WHEN excluded.acked_through > usage_epochs.acked_through "
              "THEN excluded.acked_through ELSE usage_epochs.acked_through END",
       .parameters = {epoch.gateway.text(), epoch.epoch, to_stored(acked_through)}});
}

base::result<std::vector<std::uint64_t>> journal_table::later(
    const services::epoch_name& epoch, const services::later_batches& wanted) {
  HTTVPS_TRY(const auto rows,
             select_rows<sequence_row>(
                 database_, {.sql = "SELECT seq FROM usage_batches WHERE gateway_id = :gateway "
                                    "AND epoch = :epoch AND seq > :after ORDER BY seq LIMIT :most",
                             .parameters = {epoch.gateway.text(), epoch.epoch,
                                            to_stored(wanted.after), to_stored(wanted.most)}}));
  std::vector<std::uint64_t> numbers;
  numbers.reserve(rows.size());
  for (const auto& row : rows) {
    numbers.push_back(static_cast<std::uint64_t>(row.seq));
  }
  return numbers;
}

}
