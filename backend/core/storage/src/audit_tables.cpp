#include "audit_tables.hpp"

#include <fmt/format.h>

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

query filtered(const models::audit_filter& filter, std::string& sql) {
  cells parameters{filter.below.value_or(std::numeric_limits<std::int64_t>::max())};
  std::string condition = "WHERE seq < :below";
  const auto narrow = [&](std::string_view text, cell value) {
    condition.append(" AND ").append(text);
    parameters.push_back(std::move(value));
  };
  if (!filter.actor.empty()) {
    narrow("actor = :actor", filter.actor);
  }
  if (!filter.action.empty()) {
    narrow("action = :action", filter.action);
  }
  if (!filter.object.empty()) {
    narrow("object = :object", filter.object);
  }
  if (filter.since) {
    narrow("at >= :since", to_microseconds(*filter.since));
  }
  if (filter.until) {
    narrow("at < :until", to_microseconds(*filter.until));
  }
  if (filter.sight) {
    add_sight(*filter.sight, condition, parameters);
  }
  sql = select_statement<audit_chain_row>(condition.append(" ORDER BY seq DESC LIMIT :most"));
  return {.sql = sql, .parameters = std::move(parameters)};
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
  std::string sql;
  auto wanted = filtered(filter, sql);
  return reader::page(database_, std::move(wanted), filter.size);
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
