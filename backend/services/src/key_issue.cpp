#include "key_issue.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "httvps/backend/services/change_news.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/shadowsocks/access_key.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::size_t secret_letters = 32;

base::result<> remove_all(repositories& tables, const service_tools& tools,
                          std::vector<models::gateway_key>& keys) {
  const auto now = tools.clock.system_now();
  for (auto& key : keys) {
    models::remove(key, now);
    HTTVPS_CHECK(tables.gateway_keys.update(key));
  }
  return {};
}

template <typename Nodes>
base::result<> advance_all(repositories& tables, const Nodes& nodes) {
  for (const auto& node : nodes) {
    HTTVPS_CHECK(advance_revision(tables, node));
  }
  return {};
}

std::set<models::node_id> nodes_of(const std::vector<models::gateway_key>& keys) {
  std::set<models::node_id> nodes;
  for (const auto& key : keys) {
    nodes.insert(key.node);
  }
  return nodes;
}

}

cell_name secret_cell(const models::access_key_id& key) {
  return {.table = "gateway_keys", .column = "sealed_secret", .record = key.text()};
}

cell_name url_cell(const models::access_key_id& key) {
  return {.table = "access_keys", .column = "sealed_url", .record = key.text()};
}

cell_name management_cell(const models::node_id& node) {
  return {.table = "node_keyrings", .column = "sealed_management", .record = node.text()};
}

bool has_key_schema(const service_tools& tools) noexcept {
  return tools.storage.schema_version() >= key_schema;
}

base::result<std::optional<models::keyring>> find_keyring(repositories& tables,
                                                          const service_tools& tools,
                                                          const models::node_id& node) {
  if (!has_key_schema(tools)) {
    return std::optional<models::keyring>();
  }
  return tables.keyrings.find(node);
}

base::result<bool> issue_key(repositories& tables, const service_tools& tools,
                             const key_place& place) {
  HTTVPS_TRY(const auto ring, required(tables.keyrings.find(place.node), errc::keys_not_managed));
  HTTVPS_TRY(const auto gateway,
             required(tables.gateways.find(place.gateway), errc::gateway_not_found));
  if (gateway.state != models::gateway_state::approved) {
    return false;
  }
  HTTVPS_TRY(const auto node, required(tables.nodes.find(place.node), errc::node_not_found));
  if (node.state == models::node_state::disabled) {
    return false;
  }
  HTTVPS_TRY(const auto newest, tables.gateway_keys.newest_generation(place));
  const auto now = tools.clock.system_now();
  const auto secret = base::secret_bytes::from_text(random_word(secret_letters, tools.random));
  models::gateway_key key{.id = models::access_key_id::make(now, tools.random),
                          .node = place.node,
                          .gateway = place.gateway,
                          .generation = newest + 1,
                          .state = models::key_state::pending,
                          .method = ring.method,
                          .sealed_secret = {},
                          .created_at = now,
                          .activated_at = {},
                          .retire_at = {},
                          .removed_at = {},
                          .handed_at = {}};
  key.sealed_secret = tools.cipher.seal(secret_cell(key.id), secret, tools.random);
  HTTVPS_CHECK(tables.gateway_keys.insert(key));
  return true;
}

base::result<> advance_revision(repositories& tables, const models::node_id& node) {
  HTTVPS_TRY(auto ring, required(tables.keyrings.find(node), errc::keys_not_managed));
  ++ring.revision;
  ring.rollout = models::rollout_state::waiting;
  ring.reason.clear();
  return tables.keyrings.update(ring);
}

base::result<key_rotation> withdraw(repositories& tables, const service_tools& tools,
                                    std::vector<models::gateway_key> keys) {
  HTTVPS_CHECK(remove_all(tables, tools, keys));
  HTTVPS_CHECK(advance_all(tables, nodes_of(keys)));
  return key_rotation{.removed = static_cast<std::uint32_t>(keys.size()), .issued = 0};
}

base::result<> take_keys(repositories& tables, const service_tools& tools,
                         const models::gateway_id& gateway) {
  if (!has_key_schema(tools)) {
    return {};
  }
  HTTVPS_TRY(auto keys, tables.gateway_keys.listed_by_gateway(gateway));
  HTTVPS_CHECK(withdraw(tables, tools, std::move(keys)));
  return {};
}

base::result<key_rotation> replace_now(repositories& tables, const service_tools& tools,
                                       std::vector<models::gateway_key> keys) {
  HTTVPS_CHECK(remove_all(tables, tools, keys));
  std::set<key_place> places;
  for (const auto& key : keys) {
    places.insert({.node = key.node, .gateway = key.gateway});
  }
  std::uint32_t issued = 0;
  for (const auto& place : places) {
    HTTVPS_TRY(const bool is_new, issue_key(tables, tools, place));
    issued += is_new ? 1 : 0;
  }
  HTTVPS_CHECK(advance_all(tables, nodes_of(keys)));
  return key_rotation{.removed = static_cast<std::uint32_t>(keys.size()), .issued = issued};
}

base::result<> activate_listed(repositories& tables, const models::node_id& node,
                               const std::vector<std::string>& running, base::system_time now) {
  HTTVPS_TRY(auto keys, tables.gateway_keys.listed_by_node(node));
  const std::set<std::string_view> runs(running.begin(), running.end());
  std::map<models::gateway_id, std::uint32_t> newest;
  bool is_rotation = false;
  for (auto& key : keys) {
    if (key.state == models::key_state::pending && runs.contains(key.id.text())) {
      models::activate(key, now);
      HTTVPS_CHECK(tables.gateway_keys.update(key));
      newest[key.gateway] = std::max(newest[key.gateway], key.generation);
      is_rotation = is_rotation || key.generation > models::first_key_generation;
    }
  }
  for (auto& key : keys) {
    const auto replaced = newest.find(key.gateway);
    if (key.state == models::key_state::active && replaced != newest.end() &&
        key.generation < replaced->second) {
      models::retire(key, now);
      HTTVPS_CHECK(tables.gateway_keys.update(key));
    }
  }
  return is_rotation ? note_rotated_keys(tables, node) : base::result<>();
}

base::result<base::secret_bytes> link_of(const service_tools& tools, const models::node& node,
                                         const models::gateway_key& key) {
  HTTVPS_TRY(auto secret, tools.cipher.open(secret_cell(key.id), key.sealed_secret));
  const auto method = shadowsocks::method_from_name(key.method);
  if (!method) {
    return base::fail(errc::storage_failed);
  }
  return shadowsocks::to_uri({.method = *method,
                              .password = std::move(secret),
                              .host = node.host,
                              .port = node.port,
                              .prefix = {},
                              .issuer = shadowsocks::key_issuer::outline,
                              .tag = {}});
}

}
