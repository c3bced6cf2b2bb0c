#include "pool_tables.hpp"

#include <cmath>

#include "counting.hpp"

namespace httvps::backend::storage {
namespace {

constexpr double millionths = 1e6;

std::int64_t to_millionths(double load) noexcept {
  return std::llround(load * millionths);
}

double from_millionths(std::int64_t stored) noexcept {
  return static_cast<double>(stored) / millionths;
}

std::optional<std::int64_t> stored_optional(const std::optional<std::uint64_t>& number) noexcept {
  return number ? std::optional(to_stored(*number)) : std::nullopt;
}

std::optional<std::uint64_t> record_optional(const std::optional<std::int64_t>& stored) noexcept {
  return stored ? std::optional(static_cast<std::uint64_t>(*stored)) : std::nullopt;
}

template <typename Row>
std::string upsert_statement(std::string_view key, std::string_view assignments,
                             row_shape shape = row_shape::whole) {
  return insert_statement<Row>(shape)
      .append(" ON CONFLICT (")
      .append(key)
      .append(") DO UPDATE SET ")
      .append(assignments);
}

std::string heartbeat_upsert(row_shape shape) {
  std::string assignments =
      "received_at = excluded.received_at, region = excluded.region, "
      "uptime_seconds = excluded.uptime_seconds, active_sessions = excluded.active_sessions, "
      "cpu_load_millionths = excluded.cpu_load_millionths, "
      "mem_load_millionths = excluded.mem_load_millionths, bytes_up = excluded.bytes_up, "
      "bytes_down = excluded.bytes_down, last_error = excluded.last_error, "
      "sent_at = excluded.sent_at";
  assignments.append(shape == row_shape::whole ? ", phase = excluded.phase" : "");
  return upsert_statement<heartbeat_row>("owner", assignments, shape);
}

}

node_row node_row::from(const models::node& node) {
  return {.id = node.id.text(),
          .region = node.region,
          .name = node.name,
          .host = node.host,
          .port = node.port,
          .weight = node.weight,
          .state = models::enum_text(node.state),
          .created_at = to_microseconds(node.created_at),
          .capacity_bps = stored_optional(node.capacity_bps),
          .max_sessions = stored_optional(node.max_sessions),
          .labels = to_stored_list(node.labels),
          .key_limit_bytes = stored_optional(node.key_limit_bytes)};
}

models::node node_row::record() const {
  return {.id = models::node_id::trusted(id),
          .region = region,
          .name = name,
          .host = host,
          .port = static_cast<std::uint16_t>(port),
          .weight = static_cast<std::uint32_t>(weight),
          .state = stored_enum<models::node_state>(state),
          .created_at = from_microseconds(created_at),
          .capacity_bps = record_optional(capacity_bps),
          .max_sessions = record_optional(max_sessions),
          .labels = from_stored_list(labels.value_or("")),
          .key_limit_bytes = record_optional(key_limit_bytes)};
}

region_row region_row::from(const models::region& region) {
  return {.code = region.code,
          .latitude_millionths = region.latitude_millionths,
          .longitude_millionths = region.longitude_millionths,
          .name = region.name,
          .country = region.country};
}

models::region region_row::record() const {
  return {.code = code,
          .latitude_millionths = latitude_millionths,
          .longitude_millionths = longitude_millionths,
          .name = name,
          .country = country};
}

access_key_row access_key_row::from(const models::access_key& key) {
  return {.id = key.id.text(),
          .node_id = key.node.text(),
          .generation = key.generation,
          .method = key.method,
          .sealed_url = key.sealed_url,
          .created_at = to_microseconds(key.created_at)};
}

models::access_key access_key_row::record() const {
  return {.id = models::access_key_id::trusted(id),
          .node = models::node_id::trusted(node_id),
          .generation = static_cast<std::uint32_t>(generation),
          .method = method,
          .sealed_url = sealed_url,
          .created_at = from_microseconds(created_at)};
}

heartbeat_row heartbeat_row::from(std::string_view owner, const models::heartbeat& heartbeat) {
  return {
      .owner = std::string(owner),
      .received_at = to_microseconds(heartbeat.received_at),
      .region = heartbeat.region,
      .uptime_seconds = to_stored(heartbeat.uptime_seconds),
      .active_sessions = to_stored(heartbeat.active_sessions),
      .cpu_load_millionths = to_millionths(heartbeat.cpu_load),
      .mem_load_millionths = to_millionths(heartbeat.mem_load),
      .bytes_up = to_stored(heartbeat.bytes_up),
      .bytes_down = to_stored(heartbeat.bytes_down),
      .last_error = heartbeat.last_error,
      .sent_at = to_microseconds(heartbeat.sent_at),
      .phase = heartbeat.phase ? std::optional(models::enum_text(*heartbeat.phase)) : std::nullopt};
}

models::heartbeat heartbeat_row::record() const {
  return {.received_at = from_microseconds(received_at),
          .region = region,
          .uptime_seconds = static_cast<std::uint64_t>(uptime_seconds),
          .active_sessions = static_cast<std::uint64_t>(active_sessions),
          .cpu_load = from_millionths(cpu_load_millionths),
          .mem_load = from_millionths(mem_load_millionths),
          .bytes_up = static_cast<std::uint64_t>(bytes_up),
          .bytes_down = static_cast<std::uint64_t>(bytes_down),
          .last_error = last_error,
          .sent_at = from_microseconds(sent_at),
          .phase = phase ? models::parse_enum<models::service_phase>(*phase) : std::nullopt};
}

assignment_row assignment_row::from(const models::assignment& assignment) {
  return {.device_id = assignment.device.text(),
          .gateway_id = assignment.gateway.text(),
          .region = assignment.region,
          .node_id = assignment.node.text(),
          .lease_until = to_microseconds(assignment.lease_until)};
}

models::assignment assignment_row::record() const {
  return {.device = models::device_id::trusted(device_id),
          .gateway = models::gateway_id::trusted(gateway_id),
          .region = region,
          .node = models::node_id::trusted(node_id),
          .lease_until = from_microseconds(lease_until)};
}

base::result<> region_table::ensure(std::string_view code, base::system_time now) {
  return database_.execute({.sql = "INSERT INTO regions (code, created_at) VALUES (:code, :now) "
                                   "ON CONFLICT (code) DO NOTHING",
                            .parameters = {std::string(code), to_microseconds(now)}});
}

base::result<std::vector<models::region>> region_table::list() {
  static const auto sql = select_choice<region_row>("WHERE code <> '~' ORDER BY code");
  return row_reader<region_row, models::region>::all(database_,
                                                     {.sql = sql.text_for(database_.schema())});
}

base::result<> region_table::place(const models::region& region) {
  static const statement_choice<region_row> sql(
      [](row_shape shape) { return update_statement<region_row>(shape); });
  const auto shape = shape_for<region_row>(database_.schema());
  return database_.execute({.sql = sql.text_for(database_.schema()),
                            .parameters = cells_key_last(region_row::from(region), shape)});
}

base::result<> region_table::remove(std::string_view code) {
  return database_.execute(
      {.sql = "DELETE FROM regions WHERE code = :code", .parameters = {std::string(code)}});
}

base::result<std::uint64_t> region_table::count_members(std::string_view code) {
  HTTVPS_TRY(
      const auto nodes,
      count_rows(database_, {.sql = "SELECT COUNT(*) AS total FROM nodes WHERE region = :code",
                             .parameters = {std::string(code)}}));
  HTTVPS_TRY(
      const auto gateways,
      count_rows(database_, {.sql = "SELECT COUNT(*) AS total FROM gateways WHERE region = :code",
                             .parameters = {std::string(code)}}));
  return nodes + gateways;
}

base::result<std::vector<models::node>> node_table::list_all() {
  static const auto sql =
      select_choice<node_row>("WHERE NOT (name = id AND region = '~') ORDER BY id");
  return reader::all(database(), {.sql = text_of(sql)});
}

base::result<models::page<models::node>> node_table::list(const models::page_request& wanted) {
  static const auto sql = select_choice<node_row>(
      "WHERE id > :after AND NOT (name = id AND region = '~') ORDER BY id LIMIT :most");
  return reader::page(database(), {.sql = text_of(sql), .parameters = {wanted.after}}, wanted.size);
}

base::result<> access_key_table::insert(const models::access_key& key) {
  static const std::string sql = insert_statement<access_key_row>();
  return database_.execute({.sql = sql, .parameters = cells_of(access_key_row::from(key))});
}

base::result<std::optional<models::access_key>> access_key_table::find_current(
    const models::node_id& node) {
  static const std::string sql =
      select_statement<access_key_row>("WHERE node_id = :node ORDER BY generation DESC LIMIT 1");
  return row_reader<access_key_row, models::access_key>::one(
      database_, {.sql = sql, .parameters = {node.text()}});
}

base::result<> access_key_table::remove_all(const models::node_id& node) {
  return database_.execute(
      {.sql = "DELETE FROM access_keys WHERE node_id = :node", .parameters = {node.text()}});
}

base::result<> heartbeat_table::save(std::string_view owner, const models::heartbeat& heartbeat) {
  static const statement_choice<heartbeat_row> sql(heartbeat_upsert);
  const auto shape = shape_for<heartbeat_row>(database_.schema());
  return database_.execute({.sql = sql.text_for(database_.schema()),
                            .parameters = cells_of(heartbeat_row::from(owner, heartbeat), shape)});
}

base::result<std::optional<models::heartbeat>> heartbeat_table::find(std::string_view owner) {
  static const auto sql = select_choice<heartbeat_row>("WHERE owner = :owner");
  return row_reader<heartbeat_row, models::heartbeat>::one(
      database_, {.sql = sql.text_for(database_.schema()), .parameters = {std::string(owner)}});
}

base::result<std::vector<services::owned_heartbeat>> heartbeat_table::list_after(
    base::system_time moment) {
  static const auto sql =
      select_choice<heartbeat_row>("WHERE received_at > :moment ORDER BY owner");
  HTTVPS_TRY(const auto rows,
             select_rows<heartbeat_row>(database_, {.sql = sql.text_for(database_.schema()),
                                                    .parameters = {to_microseconds(moment)}}));
  std::vector<services::owned_heartbeat> found;
  found.reserve(rows.size());
  for (const auto& row : rows) {
    found.push_back({.owner = row.owner, .beat = row.record()});
  }
  return found;
}

base::result<> assignment_table::save(const models::assignment& assignment) {
  static const std::string sql = upsert_statement<assignment_row>(
      "device_id",
      "gateway_id = excluded.gateway_id, region = excluded.region, node_id = excluded.node_id, "
      "lease_until = excluded.lease_until");
  return database_.execute({.sql = sql, .parameters = cells_of(assignment_row::from(assignment))});
}

base::result<std::optional<models::assignment>> assignment_table::find(
    const models::device_id& device) {
  static const std::string sql = select_statement<assignment_row>("WHERE device_id = :device");
  return row_reader<assignment_row, models::assignment>::one(
      database_, {.sql = sql, .parameters = {device.text()}});
}

}
