#include "key_tables.hpp"

#include "counting.hpp"

namespace httvps::backend::storage {
namespace {

struct revision_row {
  std::string node_id;
  std::int64_t revision = 0;
};
BOOST_DESCRIBE_STRUCT(revision_row, (), (node_id, revision))

struct place_row {
  std::string node_id;
  std::string gateway_id;
};
BOOST_DESCRIBE_STRUCT(place_row, (), (node_id, gateway_id))

struct node_name_row {
  std::string node_id;
};
BOOST_DESCRIBE_STRUCT(node_name_row, (), (node_id))

}

keyring_row keyring_row::from(const models::keyring& keyring) {
  return {.node_id = keyring.node.text(),
          .source = models::enum_text(keyring.source),
          .method = keyring.method,
          .revision = to_stored(keyring.revision),
          .running_revision = to_stored(keyring.running_revision),
          .rollout = models::enum_text(keyring.rollout),
          .reason = keyring.reason,
          .told_at = to_microseconds(keyring.told_at),
          .sealed_management = keyring.sealed_management,
          .created_at = to_microseconds(keyring.created_at)};
}

models::keyring keyring_row::record() const {
  return {.node = models::node_id::trusted(node_id),
          .source = stored_enum<models::key_source>(source),
          .method = method,
          .revision = static_cast<std::uint64_t>(revision),
          .running_revision = static_cast<std::uint64_t>(running_revision),
          .rollout = stored_enum<models::rollout_state>(rollout),
          .reason = reason,
          .told_at = from_microseconds(told_at),
          .sealed_management = sealed_management,
          .created_at = from_microseconds(created_at)};
}

gateway_key_row gateway_key_row::from(const models::gateway_key& issued) {
  return {.id = issued.id.text(),
          .node_id = issued.node.text(),
          .gateway_id = issued.gateway.text(),
          .generation = issued.generation,
          .state = models::enum_text(issued.state),
          .method = issued.method,
          .sealed_secret = issued.sealed_secret,
          .created_at = to_microseconds(issued.created_at),
          .activated_at = to_microseconds(issued.activated_at),
          .retire_at = to_microseconds(issued.retire_at),
          .removed_at = to_microseconds(issued.removed_at),
          .handed_at = to_microseconds(issued.handed_at)};
}

models::gateway_key gateway_key_row::record() const {
  return {.id = models::access_key_id::trusted(id),
          .node = models::node_id::trusted(node_id),
          .gateway = models::gateway_id::trusted(gateway_id),
          .generation = static_cast<std::uint32_t>(generation),
          .state = stored_enum<models::key_state>(state),
          .method = method,
          .sealed_secret = sealed_secret,
          .created_at = from_microseconds(created_at),
          .activated_at = from_microseconds(activated_at),
          .retire_at = from_microseconds(retire_at),
          .removed_at = from_microseconds(removed_at),
          .handed_at = from_microseconds(handed_at)};
}

base::result<std::vector<services::node_revision>> keyring_table::revisions() {
  HTTVPS_TRY(
      const auto rows,
      select_rows<revision_row>(
          database(), {.sql = "SELECT node_id, revision FROM node_keyrings ORDER BY node_id"}));
  std::vector<services::node_revision> found;
  found.reserve(rows.size());
  for (const auto& row : rows) {
    found.push_back({.node = models::node_id::trusted(row.node_id),
                     .revision = static_cast<std::uint64_t>(row.revision)});
  }
  return found;
}

base::result<std::vector<models::keyring>> keyring_table::list_managed() {
  static const std::string sql =
      select_statement<keyring_row>("WHERE source = 'management' ORDER BY node_id");
  return reader::all(database(), {.sql = sql});
}

base::result<std::vector<models::gateway_key>> gateway_key_table::listed_by_node(
    const models::node_id& node) {
  static const std::string sql =
      select_statement<gateway_key_row>("WHERE node_id = :node AND state <> 'removed' ORDER BY id");
  return reader::all(database(), {.sql = sql, .parameters = {node.text()}});
}

base::result<std::vector<models::gateway_key>> gateway_key_table::listed_by_gateway(
    const models::gateway_id& gateway) {
  static const std::string sql = select_statement<gateway_key_row>(
      "WHERE gateway_id = :gateway AND state <> 'removed' ORDER BY id");
  return reader::all(database(), {.sql = sql, .parameters = {gateway.text()}});
}

base::result<std::vector<models::gateway_key>> gateway_key_table::due(base::system_time now) {
  static const std::string sql = select_statement<gateway_key_row>(
      "WHERE (state = 'retiring' AND retire_at <= :now) OR (state = 'active' "
      "AND activated_at <= :old AND NOT EXISTS (SELECT 1 FROM gateway_keys AS later "
      "WHERE later.node_id = gateway_keys.node_id AND later.gateway_id = gateway_keys.gateway_id "
      "AND later.generation > gateway_keys.generation AND later.state <> 'removed')) "
      "ORDER BY node_id, id");
  return reader::all(database(), {.sql = sql,
                                  .parameters = {to_microseconds(now),
                                                 to_microseconds(now - models::key_lifetime)}});
}

base::result<std::vector<services::key_place>> gateway_key_table::places() {
  HTTVPS_TRY(const auto rows,
             select_rows<place_row>(database(),
                                    {.sql = "SELECT DISTINCT node_id, gateway_id FROM gateway_keys "
                                            "WHERE state IN ('pending', 'active') "
                                            "ORDER BY node_id, gateway_id"}));
  std::vector<services::key_place> found;
  found.reserve(rows.size());
  for (const auto& row : rows) {
    found.push_back({.node = models::node_id::trusted(row.node_id),
                     .gateway = models::gateway_id::trusted(row.gateway_id)});
  }
  return found;
}

base::result<std::vector<models::node_id>> gateway_key_table::nodes_open_to(
    const models::gateway_id& gateway) {
  HTTVPS_TRY(const auto rows,
             select_rows<node_name_row>(
                 database(), {.sql = "SELECT DISTINCT node_id FROM gateway_keys WHERE "
                                     "gateway_id = :gateway AND state = 'active' ORDER BY node_id",
                              .parameters = {gateway.text()}}));
  std::vector<models::node_id> found;
  found.reserve(rows.size());
  for (const auto& row : rows) {
    found.push_back(models::node_id::trusted(row.node_id));
  }
  return found;
}

base::result<std::optional<models::gateway_key>> gateway_key_table::find_active(
    const services::key_place& place) {
  static const std::string sql = select_statement<gateway_key_row>(
      "WHERE node_id = :node AND gateway_id = :gateway AND state = 'active' "
      "ORDER BY generation DESC LIMIT 1");
  return reader::one(database(),
                     {.sql = sql, .parameters = {place.node.text(), place.gateway.text()}});
}

base::result<std::uint32_t> gateway_key_table::newest_generation(const services::key_place& place) {
  HTTVPS_TRY(const auto newest,
             count_rows(database(),
                        {.sql = "SELECT COALESCE(MAX(generation), 0) AS total FROM gateway_keys "
                                "WHERE node_id = :node AND gateway_id = :gateway",
                         .parameters = {place.node.text(), place.gateway.text()}}));
  return static_cast<std::uint32_t>(newest);
}

base::result<std::uint32_t> gateway_key_table::newest_listed(const models::node_id& node) {
  HTTVPS_TRY(const auto newest,
             count_rows(database(),
                        {.sql = "SELECT COALESCE(MAX(generation), 0) AS total FROM gateway_keys "
                                "WHERE node_id = :node AND state <> 'removed'",
                         .parameters = {node.text()}}));
  return static_cast<std::uint32_t>(newest);
}

base::result<> gateway_key_table::note_handed(const models::access_key_id& key,
                                              base::system_time now) {
  return database().execute({.sql = "UPDATE gateway_keys SET handed_at = :now WHERE id = :id",
                             .parameters = {to_microseconds(now), key.text()}});
}

base::result<> gateway_key_table::forget_removed_before(base::system_time moment) {
  return database().execute(
      {.sql = "DELETE FROM gateway_keys WHERE state = 'removed' AND removed_at < :moment",
       .parameters = {to_microseconds(moment)}});
}

base::result<> keyring_table::remove(const models::node_id& node) {
  return database().execute(
      {.sql = "DELETE FROM node_keyrings WHERE node_id = :node", .parameters = {node.text()}});
}

base::result<models::page<models::gateway_key>> gateway_key_table::list(
    const services::key_filter& filter, const models::page_request& wanted) {
  static const std::string sql = select_statement<gateway_key_row>(
      "WHERE id > :after AND node_id LIKE :node AND gateway_id LIKE :gateway "
      "ORDER BY id LIMIT :most");
  return reader::page(database(),
                      {.sql = sql,
                       .parameters = {wanted.after, filter.node ? filter.node->text() : "%",
                                      filter.gateway ? filter.gateway->text() : "%"}},
                      wanted.size);
}

}
