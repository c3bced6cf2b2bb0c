#include "httvps/backend/services/node_service.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "httvps/shadowsocks/access_key.hpp"

namespace httvps::backend::services {
namespace {

cell_name url_cell(const models::access_key_id& key) {
  return {.table = "access_keys", .column = "sealed_url", .record = key.text()};
}

base::result<node_report> report_on_node(repositories& tables, models::node node,
                                         base::system_time now) {
  HTTVPS_TRY(auto key, required(tables.access_keys.find_current(node.id), errc::storage_failed));
  HTTVPS_TRY(auto heartbeat, tables.heartbeats.find(node.id.text()));
  const bool alive =
      models::is_alive(heartbeat ? std::optional(heartbeat->received_at) : std::nullopt, now);
  return node_report{.node = std::move(node),
                     .key = std::move(key),
                     .heartbeat = std::move(heartbeat),
                     .healthy = alive};
}

base::result<bool> is_assignable(repositories& tables, const models::node& node,
                                 base::system_time now) {
  HTTVPS_TRY(const auto heartbeat, tables.heartbeats.find(node.id.text()));
  return node.state == models::node_state::enabled &&
         models::is_alive(heartbeat ? std::optional(heartbeat->received_at) : std::nullopt, now);
}

base::secret_bytes as_key_document(const base::secret_bytes& url) {
  const auto text = url.reveal_text();
  const boost::json::object document{{"url", boost::json::string_view(text.data(), text.size())}};
  return base::secret_bytes::from_text(boost::json::serialize(document));
}

}

base::result<created_node> node_service::add(const admin_actor& actor,
                                             const new_node& wanted) const {
  const auto parsed = shadowsocks::parse_access_key(wanted.access_key.reveal_text());
  if (!parsed) {
    return base::fail(errc::access_key_invalid);
  }
  const auto now = tools_.clock.system_now();
  const models::node node{.id = models::node_id::make(now, tools_.random),
                          .region = wanted.region,
                          .name = wanted.name,
                          .host = parsed->host,
                          .port = parsed->port,
                          .weight = wanted.weight,
                          .state = models::node_state::enabled,
                          .created_at = now};
  const auto key_id = models::access_key_id::make(now, tools_.random);
  const models::access_key key{
      .id = key_id,
      .node = node.id,
      .generation = 1,
      .method = std::string(shadowsocks::name_of(parsed->method)),
      .sealed_url = tools_.cipher.seal(url_cell(key_id), wanted.access_key, tools_.random),
      .created_at = now};
  auto credential = issue_secret(node_credential_prefix, tools_.random);
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.regions.ensure(node.region, now));
    HTTVPS_CHECK(tables.nodes.insert(node));
    HTTVPS_CHECK(tables.access_keys.insert(key));
    HTTVPS_CHECK(tables.credentials.insert({.hash = credential.hash,
                                            .kind = models::credential_kind::node,
                                            .owner = node.id.text(),
                                            .created_at = now,
                                            .used_at = {}}));
    return record_change(tables, tools_, actor,
                         {.action = "node.create", .object = node.id.text()});
  }));
  return created_node{.report = {.node = node, .key = key, .heartbeat = {}, .healthy = true},
                      .credential = std::move(credential.text)};
}

base::result<models::page<node_report>> node_service::list(
    const models::page_request& wanted) const {
  using report_page = models::page<node_report>;
  const auto now = tools_.clock.system_now();
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<report_page> {
    HTTVPS_TRY(auto found, tables.nodes.list(wanted));
    report_page reports{.items = {}, .more = found.more};
    for (auto& node : found.items) {
      HTTVPS_TRY(auto report, report_on_node(tables, std::move(node), now));
      reports.items.push_back(std::move(report));
    }
    return reports;
  });
}

base::result<> node_service::heartbeat(const models::node& node,
                                       const models::heartbeat& beat) const {
  return tools_.storage.write(
      [&](repositories& tables) { return tables.heartbeats.save(node.id.text(), beat); });
}

base::result<std::optional<models::node>> node_service::leased(repositories& tables,
                                                               const models::device_id& device,
                                                               const std::string& region) const {
  const auto now = tools_.clock.system_now();
  HTTVPS_TRY(const auto lease, tables.assignments.find(device));
  if (!lease || lease->region != region || lease->lease_until <= now) {
    return std::optional<models::node>();
  }
  HTTVPS_TRY(auto node, tables.nodes.find(lease->node));
  if (!node) {
    return std::optional<models::node>();
  }
  HTTVPS_TRY(const bool usable, is_assignable(tables, *node, now));
  return usable ? std::move(node) : std::optional<models::node>();
}

base::result<models::node> node_service::choose(repositories& tables,
                                                const models::device_id& device,
                                                const std::string& region) const {
  HTTVPS_TRY(auto kept, leased(tables, device, region));
  if (kept) {
    return *std::move(kept);
  }
  const auto now = tools_.clock.system_now();
  HTTVPS_TRY(auto nodes, tables.nodes.list_enabled(region));
  std::vector<models::node> usable;
  std::vector<weighted_choice> choices;
  for (auto& node : nodes) {
    HTTVPS_TRY(const bool alive, is_assignable(tables, node, now));
    if (alive) {
      choices.push_back({.name = node.id.text(), .weight = node.weight});
      usable.push_back(std::move(node));
    }
  }
  const auto picked = rotation_->pick(region, choices);
  if (!picked) {
    return base::fail(errc::no_node_available);
  }
  return std::move(usable[*picked]);
}

base::result<std::string> node_service::seal_key(const models::access_key& key,
                                                 const models::gateway& gateway) const {
  HTTVPS_TRY(const auto url, tools_.cipher.open(url_cell(key.id), key.sealed_url));
  const auto recipient = identity::box_public_key::from_base64url(gateway.x25519_public);
  if (!recipient) {
    return base::fail(errc::storage_failed);
  }
  const auto sealed = identity::seal_to(*recipient, as_key_document(url), tools_.random);
  if (!sealed) {
    return base::fail(errc::signing_failed);
  }
  return base::to_base64url(*sealed);
}

base::result<assigned_node> node_service::assign(const models::gateway& gateway,
                                                 const assignment_order& order) const {
  HTTVPS_TRY(const auto proven,
             tools_.authority.verify_token(order.token, identity::expiry_grace::renewal()));
  if (!proven.claims.allows_gateway(gateway.id.text())) {
    return base::fail(errc::region_denied);
  }
  const auto device = models::device_id::trusted(proven.claims.device_id);
  const auto region = order.region.empty() ? gateway.region : order.region;
  const auto now = tools_.clock.system_now();
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<assigned_node> {
    HTTVPS_TRY(const auto holder, load_holder(tables, device, now));
    HTTVPS_CHECK(check_admission(holder, region));
    HTTVPS_TRY(auto node, choose(tables, device, region));
    HTTVPS_TRY(const auto key,
               required(tables.access_keys.find_current(node.id), errc::no_node_available));
    HTTVPS_TRY(auto sealed, seal_key(key, gateway));
    const auto until = now + assignment_lease;
    HTTVPS_CHECK(tables.assignments.save({.device = device,
                                          .gateway = gateway.id,
                                          .region = region,
                                          .node = node.id,
                                          .lease_until = until}));
    return assigned_node{.node = std::move(node),
                         .method = key.method,
                         .sealed_key = std::move(sealed),
                         .lease_until = until,
                         .device = device};
  });
}

}
