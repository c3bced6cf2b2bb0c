#include "admission_table.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "account_tables.hpp"
#include "array_text.hpp"
#include "bulk.hpp"
#include "device_tables.hpp"
#include "traffic_sum.hpp"

namespace httvps::backend::storage {
namespace {

using found_list = std::vector<std::optional<services::admission_facts>>;

constexpr std::string_view devices_of_arrays =
    "unnest(CAST(:devices AS TEXT[]), CAST(:gateways AS TEXT[]), CAST(:sessions AS TEXT[])) "
    "WITH ORDINALITY AS wanted (device_id, gateway_id, session, place)";
constexpr std::string_view one_device =
    "(SELECT :device AS device_id, :gateway AS gateway_id, :session AS session, 1 AS place) "
    "AS wanted";
constexpr std::string_view periods_of_arrays =
    "unnest(CAST(:subscriptions AS TEXT[]), CAST(:periods AS BIGINT[])) "
    "WITH ORDINALITY AS wanted (subscription_id, period_start, place)";
constexpr std::string_view one_period =
    "(SELECT :subscription AS subscription_id, :period AS period_start, 1 AS place) AS wanted";

constexpr std::string_view earlier_devices =
    "(SELECT COUNT(*) FROM devices AS e WHERE e.subscription_id = d.subscription_id "
    "AND e.state = 'active' AND (e.enrolled_at, e.id) < (d.enrolled_at, d.id)) AS earlier";

std::string leased_half(std::string_view operation, std::string_view name) {
  return fmt::format(
      "(SELECT CAST(COALESCE(SUM((granted - rolled_up) {} 4294967296), 0) AS BIGINT) "
      "FROM quota_leases WHERE quota_leases.subscription_id = wanted.subscription_id "
      "AND granted > 0 AND granted > rolled_up AND renewed_at > CAST(:{} AS BIGINT)) AS leased_{}",
      operation, name, name);
}

std::string facts_statement(std::string_view wanted, row_shape shape) {
  const auto plan = shape != row_shape::earlier
                        ? "CASE WHEN s.next_plan_at <= CAST(:now AS BIGINT) THEN s.next_plan_id "
                          "ELSE s.plan_id END"
                        : "CASE WHEN CAST(:now AS BIGINT) IS NULL THEN NULL ELSE s.plan_id END";
  return fmt::format(
      "SELECT wanted.place AS place, {}, "
      "CASE WHEN k.device_id = d.id THEN 1 ELSE 0 END AS is_known, {}, {}, {}, {} "
      "FROM {} JOIN devices AS d ON d.id = wanted.device_id "
      "JOIN users AS u ON u.id = d.user_id JOIN subscriptions AS s ON s.id = d.subscription_id "
      "JOIN plans AS p ON p.id = {} LEFT JOIN known_sessions AS k "
      "ON k.gateway_id = wanted.gateway_id AND k.session = wanted.session",
      earlier_devices, selected_columns<device_row>(row_shape::whole, "d."),
      selected_columns<user_row>(shape, "u."), selected_columns<subscription_row>(shape, "s."),
      selected_columns<plan_row>(shape, "p."), wanted, plan);
}

struct facts_head {
  std::int64_t place = 0;
  std::int64_t earlier = 0;
  std::int64_t is_known = 0;
};
BOOST_DESCRIBE_STRUCT(facts_head, (), (place, earlier, is_known))

struct counts_row {
  std::int64_t place = 0;
  std::int64_t up = 0;
  std::int64_t down = 0;
  std::int64_t forgiven_up = 0;
  std::int64_t forgiven_down = 0;
  std::int64_t leased_high = 0;
  std::int64_t leased_low = 0;
};
BOOST_DESCRIBE_STRUCT(counts_row, (),
                      (place, up, down, forgiven_up, forgiven_down, leased_high, leased_low))

template <typename... Rows>
std::vector<column_kind> kinds_of_rows() {
  std::vector<column_kind> kinds;
  const auto append = [&kinds](const auto& some) {
    kinds.insert(kinds.end(), some.begin(), some.end());
  };
  (append(column_kinds<Rows>()), ...);
  return kinds;
}

template <typename Row>
Row taken_from(cells& values, std::size_t& at) {
  const auto first = values.begin() + static_cast<std::ptrdiff_t>(at);
  const auto last = first + static_cast<std::ptrdiff_t>(column_count<Row>);
  at += column_count<Row>;
  return row_of<Row>(cells(std::make_move_iterator(first), std::make_move_iterator(last)));
}

void place_facts(cells&& values, found_list& found, std::size_t before) {
  std::size_t at = 0;
  const auto head = taken_from<facts_head>(values, at);
  auto& place = found[before + static_cast<std::size_t>(head.place) - 1];
  place.emplace(
      services::admission_facts{.device = taken_from<device_row>(values, at).record(),
                                .user = taken_from<user_row>(values, at).record(),
                                .subject = taken_from<subscription_row>(values, at).record(),
                                .terms = taken_from<plan_row>(values, at).record(),
                                .earlier_devices = static_cast<std::uint64_t>(head.earlier),
                                .is_known_session = head.is_known != 0});
}

services::period_counts counts_of(const counts_row& row) {
  return {.use = {.used = {.up = static_cast<base::byte_count>(row.up),
                           .down = static_cast<base::byte_count>(row.down)},
                  .forgiven = {.up = static_cast<base::byte_count>(row.forgiven_up),
                               .down = static_cast<base::byte_count>(row.forgiven_down)}},
          .leased = joined_halves(row.leased_high, row.leased_low)};
}

constexpr std::string_view forgiven_columns =
    "COALESCE(c.forgiven_up, 0) AS forgiven_up, COALESCE(c.forgiven_down, 0) AS forgiven_down";
constexpr std::string_view nothing_forgiven =
    "CAST(0 AS BIGINT) AS forgiven_up, CAST(0 AS BIGINT) AS forgiven_down";

std::string counts_statement(std::string_view wanted, std::string_view forgiven) {
  return fmt::format(
      "SELECT wanted.place AS place, COALESCE(c.up, 0) AS up, COALESCE(c.down, 0) AS down, {}, {}, "
      "{} FROM {} LEFT JOIN subscription_usage AS c ON c.subscription_id = wanted.subscription_id "
      "AND c.period_start = wanted.period_start",
      forgiven, leased_half("/", "high"), leased_half("%", "low"), wanted);
}

struct counts_choice {
  explicit counts_choice(std::string_view wanted)
      : whole(counts_statement(wanted, forgiven_columns)),
        earlier(counts_statement(wanted, nothing_forgiven)) {}

  const std::string& text_for(std::uint32_t schema) const noexcept {
    return schema < services::period_reset_schema ? earlier : whole;
  }

  std::string whole;
  std::string earlier;
};

base::result<> commit_behind_the_disk(connection& database) {
  return database.engine() == engine_kind::postgresql
             ? database.execute({.sql = "SET LOCAL synchronous_commit = on"})
             : base::result<>();
}

std::vector<cells> parameter_sets(const connection& database, std::vector<cells> rows) {
  if (database.engine() != engine_kind::postgresql || rows.empty()) {
    return rows;
  }
  cells arrays;
  for (std::size_t column = 0; column < rows.front().size(); ++column) {
    arrays.emplace_back(array_of_column(rows, column));
  }
  return {std::move(arrays)};
}

}

base::result<found_list> admission_table::find(std::span<const services::admission_query> wanted,
                                               base::system_time now) {
  static const statement_choice<subscription_row> arrays(
      [](row_shape shape) { return facts_statement(devices_of_arrays, shape); });
  static const statement_choice<subscription_row> alone(
      [](row_shape shape) { return facts_statement(one_device, shape); });
  static const auto kinds =
      kinds_of_rows<facts_head, device_row, user_row, subscription_row, plan_row>();
  const bool by_arrays = database_.engine() == engine_kind::postgresql;
  const auto& sql = (by_arrays ? arrays : alone).text_for(database_.schema());
  std::vector<cells> rows;
  for (const auto& each : wanted) {
    rows.push_back({each.device.text(), each.gateway.text(), each.session});
  }
  found_list found(wanted.size());
  std::size_t before = 0;
  for (auto& parameters : parameter_sets(database_, std::move(rows))) {
    parameters.emplace_back(to_microseconds(now));
    HTTVPS_CHECK(
        database_.select({.sql = sql, .parameters = std::move(parameters)}, kinds,
                         [&](cells&& values) { place_facts(std::move(values), found, before); }));
    ++before;
  }
  return found;
}

base::result<std::vector<services::period_counts>> admission_table::count(
    std::span<const services::period_name> periods, base::system_time renewed_after) {
  static const counts_choice arrays(periods_of_arrays);
  static const counts_choice alone(one_period);
  const auto& choice = database_.engine() == engine_kind::postgresql ? arrays : alone;
  const auto& sql = choice.text_for(database_.schema());
  const auto after = to_microseconds(renewed_after);
  std::vector<cells> rows;
  for (const auto& each : periods) {
    rows.push_back({each.subscription.text(), to_microseconds(each.period)});
  }
  std::vector<services::period_counts> found(periods.size());
  std::size_t before = 0;
  for (auto& keys : parameter_sets(database_, std::move(rows))) {
    cells parameters{after, after};
    std::ranges::move(keys, std::back_inserter(parameters));
    HTTVPS_TRY(
        const auto counted,
        select_rows<counts_row>(database_, {.sql = sql, .parameters = std::move(parameters)}));
    for (const auto& row : counted) {
      found[before + static_cast<std::size_t>(row.place) - 1] = counts_of(row);
    }
    ++before;
  }
  return found;
}

base::result<> admission_table::save_sessions(std::span<const models::known_session> sessions) {
  if (sessions.empty()) {
    return {};
  }
  static const bulk_statement statement(
      {.head = "INSERT INTO known_sessions (gateway_id, session, device_id, validated_at)",
       .columns = 4,
       .tail = " ON CONFLICT (gateway_id, session) DO UPDATE SET "
               "device_id = excluded.device_id, validated_at = excluded.validated_at "
               "WHERE known_sessions.validated_at <= excluded.validated_at"});
  std::vector<cells> rows;
  rows.reserve(sessions.size());
  for (const auto& each : sessions) {
    rows.push_back({each.gateway.text(), each.session, each.device.text(),
                    to_microseconds(each.validated_at)});
  }
  return execute_bulk(database_, statement, {.rows = std::move(rows)});
}

base::result<> admission_table::mark_seen(std::span<const services::seen_device> devices) {
  const bool by_arrays = database_.engine() == engine_kind::postgresql;
  const std::string_view sql =
      by_arrays ? "UPDATE devices SET last_seen_at = GREATEST(devices.last_seen_at, seen.moment) "
                  "FROM unnest(CAST(:moments AS BIGINT[]), CAST(:ids AS TEXT[])) "
                  "AS seen (moment, id) WHERE devices.id = seen.id"
                : "UPDATE devices SET last_seen_at = MAX(COALESCE(last_seen_at, 0), :moment) "
                  "WHERE id = :id";
  std::vector<cells> rows;
  rows.reserve(devices.size());
  for (const auto& each : devices) {
    rows.push_back({to_microseconds(each.at), each.device.text()});
  }
  for (auto& parameters : parameter_sets(database_, std::move(rows))) {
    HTTVPS_CHECK(database_.execute({.sql = sql, .parameters = std::move(parameters)}));
  }
  return {};
}

base::result<> admission_table::begin_use(std::span<const models::subscription> begun) {
  if (!begun.empty()) {
    HTTVPS_CHECK(commit_behind_the_disk(database_));
  }
  for (const auto& each : begun) {
    HTTVPS_CHECK(database_.execute(
        {.sql = "UPDATE subscriptions SET starts_at = :starts_at, "
                "expires_at = COALESCE(expires_at, CAST(:expires_at AS BIGINT)), "
                "awaits_use = 0 WHERE id = :id AND awaits_use = 1 AND state = 'active'",
         .parameters = {to_microseconds(each.starts_at), to_cell(to_microseconds(each.expires_at)),
                        each.id.text()}}));
  }
  return {};
}

}
