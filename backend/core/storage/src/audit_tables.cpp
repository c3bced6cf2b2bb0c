#include "audit_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>

namespace httvps::backend::storage {
namespace {

using reader = row_reader<audit_chain_row, models::audit_line>;

struct seq_row {
  std::int64_t seq = 0;
};
BOOST_DESCRIBE_STRUCT(seq_row, (), (seq))

void add_sight(const models::audit_sight& sight, std::string& condition, cells& parameters) {
  const auto add = [&](std::string_view text, std::string value) {
    condition.append(" WHEN ").append(text).append(" THEN 1");
    parameters.emplace_back(std::move(value));
  };
  condition.append(" AND CASE");
  if (sight.token.empty()) {
    add("actor = :reader", sight.actor);
    add("object = :account", sight.actor);
  } else {
    add("token = :reader_token", sight.token);
  }
  for (const auto kind : sight.kinds) {
    const auto prefix = models::prefix_of(kind);
    add(fmt::format("substr(object, 1, {}) = :kind_{}", prefix.size(), static_cast<int>(kind)),
        std::string(prefix));
  }
  condition.append(" ELSE 0 END = 1");
}

constexpr std::chrono::hours clocks_differ_most{1};

list_condition equalities(const models::audit_filter& filter) {
  list_condition condition;
  const auto narrow = [&](std::string_view column, const std::string& value) {
    if (!value.empty()) {
      condition.add(fmt::format("{0} = :{0}", column), value);
    }
  };
  narrow("actor", filter.actor);
  narrow("action", filter.action);
  narrow("object", filter.object);
  return condition;
}

base::result<std::int64_t> number_by_time(connection& database, std::string_view which,
                                          base::system_time moment, std::int64_t otherwise) {
  const auto sql = fmt::format("SELECT seq FROM audit_chain WHERE at {} LIMIT 1", which);
  HTTVPS_TRY(const auto found,
             select_row<seq_row>(database, {.sql = sql, .parameters = {to_microseconds(moment)}}));
  return found ? found->seq : otherwise;
}

base::result<> bound_numbers(connection& database, const models::audit_filter& filter,
                             list_condition& condition) {
  auto below = filter.below.value_or(std::numeric_limits<std::int64_t>::max());
  if (filter.until) {
    HTTVPS_TRY(const auto later, number_by_time(database, ">= :moment ORDER BY at",
                                                *filter.until + clocks_differ_most, below));
    below = std::min(below, later);
  }
  condition.add("seq < :below", below);
  if (filter.since) {
    HTTVPS_TRY(const auto earlier, number_by_time(database, "< :moment ORDER BY at DESC",
                                                  *filter.since - clocks_differ_most, 0));
    condition.add("seq > :above", earlier);
  }
  return {};
}

base::result<std::optional<std::int64_t>> end_of_judged(connection& database,
                                                        const list_condition& among,
                                                        std::uint32_t most) {
  const auto sql =
      fmt::format("SELECT seq FROM audit_chain WHERE seq > 0{} ORDER BY seq DESC LIMIT 1 OFFSET {}",
                  among.text, most - 1);
  HTTVPS_TRY(const auto found,
             select_row<seq_row>(database, {.sql = sql, .parameters = among.parameters}));
  return found ? std::optional(found->seq) : std::nullopt;
}

void add_moments(const models::audit_filter& filter, list_condition& condition) {
  if (filter.since) {
    condition.add("at >= :since", to_microseconds(*filter.since));
  }
  if (filter.until) {
    condition.add("at < :until", to_microseconds(*filter.until));
  }
}

}

audit_chain_row audit_chain_row::from(const models::audit_line& line) {
  return {.seq = line.seq,
          .id = line.id.text(),
          .at = to_microseconds(line.at),
          .actor = line.actor,
          .actor_name = line.actor_name,
          .token = line.token,
          .address = line.address,
          .request_id = line.request_id,
          .action = line.action,
          .object = line.object,
          .detail = line.detail,
          .state_before = line.before,
          .state_after = line.after,
          .previous_hash = line.previous_hash,
          .hash = line.hash};
}

models::audit_line audit_chain_row::record() const {
  return {.seq = seq,
          .id = models::audit_id::trusted(id),
          .at = from_microseconds(at),
          .actor = actor,
          .actor_name = actor_name,
          .token = token,
          .address = address,
          .request_id = request_id,
          .action = action,
          .object = object,
          .detail = detail,
          .before = state_before,
          .after = state_after,
          .previous_hash = previous_hash,
          .hash = hash};
}

base::result<> audit_chain_table::append(const models::audit_line& line) {
  static const std::string sql = insert_statement<audit_chain_row>();
  return database_.execute({.sql = sql, .parameters = cells_of(audit_chain_row::from(line))});
}

base::result<models::page<models::audit_line>> audit_chain_table::newest(
    const models::audit_filter& filter) {
  auto condition = equalities(filter);
  HTTVPS_CHECK(bound_numbers(database_, filter, condition));
  std::optional<std::int64_t> last;
  if (filter.sight) {
    HTTVPS_TRY(last, end_of_judged(database_, condition, filter.judged_most));
    condition.add("seq >= :last", last.value_or(0));
    add_sight(*filter.sight, condition.text, condition.parameters);
  }
  add_moments(filter, condition);
  const auto sql = select_statement<audit_chain_row>("WHERE seq > 0" + condition.text +
                                                     " ORDER BY seq DESC LIMIT :most");
  HTTVPS_TRY(auto found,
             reader::page(database_, {.sql = sql, .parameters = std::move(condition.parameters)},
                          filter.size));
  if (last && !found.more) {
    found.more = true;
    found.looked_to = std::to_string(*last);
  }
  return found;
}

base::result<std::vector<models::audit_line>> audit_chain_table::following(
    const models::audit_span& span) {
  static const std::string sql =
      select_statement<audit_chain_row>("WHERE seq > :after ORDER BY seq LIMIT :most");
  return reader::all(
      database_, {.sql = sql, .parameters = {span.after, static_cast<std::int64_t>(span.size)}});
}

base::result<std::optional<std::int64_t>> audit_chain_table::first_since(base::system_time moment) {
  HTTVPS_TRY(const auto row,
             select_row<seq_row>(database_, {.sql = "SELECT seq FROM audit_chain WHERE at >= :at "
                                                    "ORDER BY seq LIMIT 1",
                                             .parameters = {to_microseconds(moment)}}));
  return row ? std::optional(row->seq) : std::nullopt;
}

base::result<> audit_chain_table::remove_through(std::int64_t seq) {
  return database_.execute(
      {.sql = "DELETE FROM audit_chain WHERE seq <= :seq", .parameters = {seq}});
}

}
