#include "day_sum_table.hpp"

#include <fmt/format.h>

#include "counting.hpp"
#include "httvps/backend/services/roll_up_repositories.hpp"
#include "traffic_sum.hpp"
#include "values.hpp"

namespace httvps::backend::storage {
namespace {

struct node_sum_row {
  std::string node_id;
  std::int64_t row_count = 0;
  std::int64_t up_high = 0;
  std::int64_t up_low = 0;
  std::int64_t down_high = 0;
  std::int64_t down_low = 0;

  services::node_sum record() const {
    return {
        .node = models::node_id::trusted(node_id),
        .rows = static_cast<std::uint64_t>(row_count),
        .sum =
            sum_row{
                .up_high = up_high, .up_low = up_low, .down_high = down_high, .down_low = down_low}
                .record()};
  }
};
BOOST_DESCRIBE_STRUCT(node_sum_row, (), (node_id, row_count, up_high, up_low, down_high, down_low))

struct uncounted_row {
  std::int64_t batches = 0;
  std::int64_t line_count = 0;
};
BOOST_DESCRIBE_STRUCT(uncounted_row, (), (batches, line_count))

struct waiting_row {
  std::int64_t row_count = 0;
  std::int64_t up_high = 0;
  std::int64_t up_low = 0;
  std::int64_t down_high = 0;
  std::int64_t down_low = 0;
};
BOOST_DESCRIBE_STRUCT(waiting_row, (), (row_count, up_high, up_low, down_high, down_low))

struct gap_row {
  std::string gateway_id;
  std::string epoch;
  std::int64_t acked_through = 0;
  std::int64_t highest = 0;
  std::int64_t missing = 0;

  services::epoch_gap record() const {
    return {.epoch = {.gateway = models::gateway_id::trusted(gateway_id), .epoch = epoch},
            .acked_through = static_cast<std::uint64_t>(acked_through),
            .highest = static_cast<std::uint64_t>(highest),
            .missing = static_cast<std::uint64_t>(missing)};
  }
};
BOOST_DESCRIBE_STRUCT(gap_row, (), (gateway_id, epoch, acked_through, highest, missing))

constexpr std::string_view rolled_up_journal =
    "usage_batches b JOIN usage_journal j "
    "ON j.gateway_id = b.gateway_id AND j.epoch = b.epoch AND j.seq = b.seq "
    "WHERE b.received_at >= :begins AND b.received_at < :ends "
    "AND NOT EXISTS (SELECT 1 FROM usage_backlog w WHERE w.gateway_id = b.gateway_id "
    "AND w.epoch = b.epoch AND w.seq = b.seq)";

constexpr std::string_view uncounted =
    "SELECT COUNT(*) AS batches, CAST(COALESCE(SUM(b.line_count), 0) AS BIGINT) AS line_count "
    "FROM usage_unposted u JOIN usage_batches b "
    "ON b.gateway_id = u.gateway_id AND b.epoch = u.epoch AND b.seq = u.seq "
    "WHERE u.received_at >= :begins AND u.received_at < :ends";

constexpr std::string_view waiting_journal =
    "usage_backlog w JOIN usage_journal j "
    "ON j.gateway_id = w.gateway_id AND j.epoch = w.epoch AND j.seq = w.seq "
    "WHERE w.received_at >= :begins AND w.received_at < :ends";

constexpr std::string_view gaps_of_the_day =
    "SELECT e.gateway_id, e.epoch, e.acked_through, MAX(b.seq) AS highest, "
    "MAX(b.seq) - e.acked_through - COUNT(*) AS missing FROM usage_epochs e "
    "JOIN usage_batches b ON b.gateway_id = e.gateway_id AND b.epoch = e.epoch "
    "AND b.seq > e.acked_through WHERE EXISTS (SELECT 1 FROM usage_batches d "
    "WHERE d.gateway_id = e.gateway_id AND d.epoch = e.epoch "
    "AND d.received_at >= :begins AND d.received_at < :ends) "
    "GROUP BY e.gateway_id, e.epoch, e.acked_through "
    "HAVING MAX(b.seq) - e.acked_through > COUNT(*) ORDER BY e.gateway_id, e.epoch LIMIT :most";

cells span_of(const services::utc_day& day) {
  return {to_microseconds(day.begins), to_microseconds(day.ends)};
}

struct book_rows {
  std::string_view source;
  cells parameters;
};

book_rows rows_of(services::usage_book book, const services::utc_day& day) {
  switch (book) {
    case services::usage_book::journal:
      return {.source = rolled_up_journal, .parameters = span_of(day)};
    case services::usage_book::hours:
      return {.source = "usage_hourly WHERE hour >= :first AND hour <= :last",
              .parameters = {day.text + "T00", day.text + "T23"}};
    case services::usage_book::days:
      break;
  }
  return {.source = "usage_daily WHERE day = :day", .parameters = {day.text}};
}

base::result<> add_uncounted(connection& database, const services::utc_day& day,
                             services::unfinished_usage& into) {
  if (database.schema() < services::unposted_usage_schema) {
    return {};
  }
  HTTVPS_TRY(const auto found,
             select_row<uncounted_row>(database, {.sql = uncounted, .parameters = span_of(day)}));
  const auto row = found.value_or(uncounted_row{});
  into.uncounted_batches = static_cast<std::uint64_t>(row.batches);
  into.uncounted_rows = static_cast<std::uint64_t>(row.line_count);
  return {};
}

base::result<> add_waiting(connection& database, const services::utc_day& day,
                           services::unfinished_usage& into) {
  static const auto sql =
      fmt::format("SELECT COUNT(*) AS row_count, {} FROM {}", traffic_sums, waiting_journal);
  HTTVPS_TRY(into.waiting_batches,
             count_rows(database, {.sql = "SELECT COUNT(*) AS total FROM usage_backlog "
                                          "WHERE received_at >= :begins AND received_at < :ends",
                                   .parameters = span_of(day)}));
  HTTVPS_TRY(const auto found,
             select_row<waiting_row>(database, {.sql = sql, .parameters = span_of(day)}));
  const auto row = found.value_or(waiting_row{});
  into.waiting_rows = static_cast<std::uint64_t>(row.row_count);
  into.waiting = {.up = joined_halves(row.up_high, row.up_low),
                  .down = joined_halves(row.down_high, row.down_low)};
  return {};
}

}

base::result<std::vector<services::node_sum>> day_sum_table::by_node(services::usage_book book,
                                                                     const services::utc_day& day) {
  auto wanted = rows_of(book, day);
  const auto sql = fmt::format(
      "SELECT node_id, COUNT(*) AS row_count, {} FROM {} GROUP BY node_id ORDER BY node_id",
      traffic_sums, wanted.source);
  HTTVPS_TRY(const auto rows,
             select_rows<node_sum_row>(database_,
                                       {.sql = sql, .parameters = std::move(wanted.parameters)}));
  std::vector<services::node_sum> sums;
  sums.reserve(rows.size());
  for (const auto& row : rows) {
    sums.push_back(row.record());
  }
  return sums;
}

base::result<services::unfinished_usage> day_sum_table::unfinished(const services::utc_day& day) {
  services::unfinished_usage found;
  HTTVPS_CHECK(add_uncounted(database_, day, found));
  HTTVPS_CHECK(add_waiting(database_, day, found));
  return found;
}

base::result<std::vector<services::epoch_gap>> day_sum_table::gaps(const services::utc_day& day,
                                                                   std::size_t most) {
  auto parameters = span_of(day);
  parameters.emplace_back(to_stored(most));
  HTTVPS_TRY(const auto rows,
             select_rows<gap_row>(database_, {.sql = gaps_of_the_day, .parameters = parameters}));
  std::vector<services::epoch_gap> gaps;
  gaps.reserve(rows.size());
  for (const auto& row : rows) {
    gaps.push_back(row.record());
  }
  return gaps;
}

}
