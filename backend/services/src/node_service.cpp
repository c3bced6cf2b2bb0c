#include "httvps/backend/services/node_service.hpp"

#include <algorithm>
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

base::result<node_report> report_on_node(repositories& tables, node_fleet& fleet,
                                         models::node node) {
  HTTVPS_TRY(auto key, required(tables.access_keys.find_current(node.id), errc::storage_failed));
  auto heartbeat = fleet.heartbeat_of(node.id.text());
  const auto standing = fleet.find(node.id.text());
  return node_report{.node = std::move(node),
                     .key = std::move(key),
                     .heartbeat = std::move(heartbeat),
                     .healthy = !standing || standing->stage == selection::health::healthy};
}

std::vector<std::string> regions_to_spill(const std::vector<selection::region_standing>& regions,
                                          const models::plan& terms) {
  std::vector<std::string> others;
  for (const auto& each : regions) {
    if (terms.covers_region(each.code)) {
      others.push_back(each.code);
    }
  }
  return others;
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
  tools_.fleet.expire();
  return created_node{.report = {.node = node, .key = key, .heartbeat = {}, .healthy = true},
                      .credential = std::move(credential.text)};
}

base::result<models::page<node_report>> node_service::list(
    const models::page_request& wanted) const {
  using report_page = models::page<node_report>;
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<report_page> {
    HTTVPS_CHECK(tools_.fleet.refresh(tables));
    HTTVPS_TRY(auto found, tables.nodes.list(wanted));
    report_page reports{.items = {}, .more = found.more};
    for (auto& node : found.items) {
      HTTVPS_TRY(auto report, report_on_node(tables, tools_.fleet, std::move(node)));
      reports.items.push_back(std::move(report));
    }
    return reports;
  });
}

base::result<> node_service::heartbeat(const models::node& node,
                                       const models::heartbeat& beat) const {
  return tools_.fleet.note_heartbeat(node.id.text(), beat);
}

base::result<> node_service::outcomes(const models::gateway& gateway,
                                      const std::vector<selection::connect_outcome>& seen) const {
  return tools_.fleet.note_outcomes(gateway, seen);
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

struct node_service::asking {
  const models::gateway& gateway;
  models::device_id device;
  std::string wanted_region;
  models::plan terms;
};

base::result<node_candidate> node_service::candidate(repositories& tables,
                                                     const models::node_id& id,
                                                     const models::gateway& gateway) const {
  HTTVPS_TRY(auto node, required(tables.nodes.find(id), errc::no_node_available));
  HTTVPS_TRY(const auto key,
             required(tables.access_keys.find_current(id), errc::no_node_available));
  HTTVPS_TRY(auto sealed, seal_key(key, gateway));
  const auto standing = tools_.fleet.find(id.text());
  return node_candidate{.node = std::move(node),
                        .method = key.method,
                        .sealed_key = std::move(sealed),
                        .weight = standing ? standing->factors.weight() : 0};
}

base::result<assigned_node> node_service::assign_in(repositories& tables, const asking& who) const {
  const auto now = tools_.clock.system_now();
  HTTVPS_CHECK(tools_.fleet.refresh(tables));
  HTTVPS_TRY(const auto lease, tables.assignments.find(who.device));
  const bool is_leased = lease && lease->lease_until > now;
  const bool may_spill = who.wanted_region.empty() || who.wanted_region == who.gateway.region;
  const auto chosen = tools_.fleet.choose(
      {.gateway = who.gateway.id,
       .device = who.device,
       .region = who.wanted_region.empty() ? who.gateway.region : who.wanted_region,
       .others = may_spill ? regions_to_spill(tools_.fleet.regions(), who.terms)
                           : std::vector<std::string>(),
       .held = is_leased ? std::optional(lease->node) : std::nullopt});
  if (!chosen) {
    return base::fail(errc::no_node_available);
  }
  assigned_node made{.device = who.device, .region = chosen->region, .reason = chosen->reason};
  for (const auto& id : chosen->nodes) {
    HTTVPS_TRY(auto one, candidate(tables, id, who.gateway));
    made.reserves.push_back(std::move(one));
  }
  made.first = std::move(made.reserves.front());
  made.reserves.erase(made.reserves.begin());
  const bool runs_out = made.reason == selection::choice_reason::running_out;
  made.lease_until = runs_out ? lease->lease_until
                              : now + std::chrono::duration_cast<base::system_time::duration>(
                                          selection::lease_length(tools_.random.next_u64()));
  HTTVPS_CHECK(tables.assignments.save({.device = who.device,
                                        .gateway = who.gateway.id,
                                        .region = made.region,
                                        .node = made.first.node.id,
                                        .lease_until = made.lease_until}));
  return made;
}

base::result<assigned_node> node_service::assign(const models::gateway& gateway,
                                                 const assignment_order& order) const {
  HTTVPS_TRY(const auto proven,
             tools_.authority.verify_token(order.token, identity::expiry_grace::renewal()));
  if (!proven.claims.allows_gateway(gateway.id.text())) {
    return base::fail(errc::region_denied);
  }
  const auto device = models::device_id::trusted(proven.claims.device_id);
  const auto& region = order.region.empty() ? gateway.region : order.region;
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<assigned_node> {
    HTTVPS_TRY(const auto holder, load_holder(tables, device, tools_.clock.system_now()));
    HTTVPS_CHECK(check_admission(holder, region));
    return assign_in(tables, {.gateway = gateway,
                              .device = device,
                              .wanted_region = order.region,
                              .terms = holder.subscription.terms});
  });
}

base::result<models::region> node_service::place_region(const admin_actor& actor,
                                                        const models::region& wanted) const {
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto known, tables.regions.list());
    if (std::ranges::count(known, wanted.code, &models::region::code) == 0) {
      return base::fail(errc::region_not_found);
    }
    HTTVPS_CHECK(tables.regions.place(wanted));
    return record_change(tables, tools_, actor, {.action = "region.place", .object = wanted.code});
  }));
  tools_.fleet.expire();
  return wanted;
}

base::result<assignment_explanation> node_service::explain(const models::device_id& device) const {
  return read_from(
      tools_.storage, [&](repositories& tables) -> base::result<assignment_explanation> {
        HTTVPS_TRY(const auto known, required(tables.devices.find(device), errc::device_not_found));
        HTTVPS_CHECK(tools_.fleet.refresh(tables));
        assignment_explanation told{.device = known.id, .current = {}, .told = {}};
        HTTVPS_TRY(told.current, tables.assignments.find(device));
        if (!told.current) {
          return base::fail(errc::assignment_not_found);
        }
        const bool is_leased = told.current->lease_until > tools_.clock.system_now();
        told.told = tools_.fleet.explain(
            {.gateway = told.current->gateway,
             .device = device,
             .region = told.current->region,
             .others = {},
             .held = is_leased ? std::optional(told.current->node) : std::nullopt});
        return told;
      });
}

}
