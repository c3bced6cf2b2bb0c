#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/node_service.hpp"
#include "httvps/base/encoding.hpp"
#include "httvps/identity/sealed_box.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::chrono::hours handing_noted_each{1};

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

base::result<> require_region(repositories& tables, std::string_view code) {
  HTTVPS_TRY(const auto known, tables.regions.list());
  return std::ranges::find(known, code, &models::region::code) != known.end()
             ? base::result<>()
             : base::fail(errc::region_not_found);
}

base::result<> order_key(repositories& tables, const service_tools& tools, const key_place& place) {
  HTTVPS_CHECK(issue_key(tables, tools, place));
  return advance_revision(tables, place.node);
}

}

base::result<std::string> node_service::seal_link(const base::secret_bytes& link,
                                                  const models::gateway& gateway) const {
  const auto recipient = identity::box_public_key::from_base64url(gateway.x25519_public);
  if (!recipient) {
    return base::fail(errc::storage_failed);
  }
  const auto sealed = identity::seal_to(*recipient, as_key_document(link), tools_.random);
  if (!sealed) {
    return base::fail(errc::signing_failed);
  }
  return base::to_base64url(*sealed);
}

base::result<std::string> node_service::sealed_issued(const models::node& node,
                                                      const models::gateway_key& key,
                                                      const models::gateway& gateway) const {
  const auto name =
      fmt::format("{} {} {}:{}", gateway.x25519_public, key.id.text(), node.host, node.port);
  return sealed_->find_or_make(name, [&]() -> base::result<std::string> {
    HTTVPS_TRY(const auto link, link_of(tools_, node, key));
    return seal_link(link, gateway);
  });
}

base::result<std::string> node_service::sealed_shared(const models::access_key& key,
                                                      const models::gateway& gateway) const {
  const auto name = fmt::format("{} {}", gateway.x25519_public, key.id.text());
  return sealed_->find_or_make(name, [&]() -> base::result<std::string> {
    HTTVPS_TRY(const auto url, tools_.cipher.open(url_cell(key.id), key.sealed_url));
    return seal_link(url, gateway);
  });
}

struct node_service::asking {
  const models::gateway& gateway;
  models::device_id device;
  std::string wanted_region;
  models::plan terms;
};

base::result<node_candidate> node_service::issued_candidate(repositories& tables, models::node node,
                                                            const models::gateway& gateway) const {
  HTTVPS_TRY(auto key,
             required(tables.gateway_keys.find_active({.node = node.id, .gateway = gateway.id}),
                      errc::no_node_available));
  const auto now = tools_.clock.system_now();
  if (!key.handed_at || now - *key.handed_at >= handing_noted_each) {
    HTTVPS_CHECK(tables.gateway_keys.note_handed(key.id, now));
  }
  HTTVPS_TRY(auto sealed, sealed_issued(node, key, gateway));
  return node_candidate{.node = std::move(node),
                        .method = std::move(key.method),
                        .sealed_key = std::move(sealed),
                        .weight = 0};
}

base::result<node_candidate> node_service::candidate(repositories& tables,
                                                     const models::node_id& id,
                                                     const models::gateway& gateway) const {
  HTTVPS_TRY(auto node, required(tables.nodes.find(id), errc::no_node_available));
  const auto standing = tools_.fleet.find(id.text());
  const auto weight = standing ? standing->factors.weight() : 0;
  HTTVPS_TRY(const auto ring, find_keyring(tables, tools_, id));
  if (ring) {
    HTTVPS_TRY(auto issued, issued_candidate(tables, std::move(node), gateway));
    issued.weight = weight;
    return issued;
  }
  HTTVPS_TRY(const auto key,
             required(tables.access_keys.find_current(id), errc::no_node_available));
  HTTVPS_TRY(auto sealed, sealed_shared(key, gateway));
  return node_candidate{.node = std::move(node),
                        .method = key.method,
                        .sealed_key = std::move(sealed),
                        .weight = weight};
}

base::result<> node_service::order_keys(const models::gateway& gateway,
                                        const std::vector<models::node_id>& missing) const {
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto places, tables.gateway_keys.places());
    for (const auto& node : missing) {
      const key_place place{.node = node, .gateway = gateway.id};
      const bool is_ordered = std::ranges::count(places, place) > 0;
      HTTVPS_CHECK(is_ordered ? base::result<>() : order_key(tables, tools_, place));
    }
    return {};
  });
}

fleet_order node_service::order_of(const asking& who,
                                   const std::optional<models::assignment>& lease,
                                   std::optional<std::vector<models::node_id>> open) const {
  const bool is_leased = lease && lease->lease_until > tools_.clock.system_now();
  const bool may_spill = who.wanted_region.empty() || who.wanted_region == who.gateway.region;
  return {.gateway = who.gateway.id,
          .device = who.device,
          .region = who.wanted_region.empty() ? who.gateway.region : who.wanted_region,
          .others = may_spill ? regions_to_spill(tools_.fleet.regions(), who.terms)
                              : std::vector<std::string>(),
          .held = is_leased ? std::optional(lease->node) : std::nullopt,
          .open = std::move(open)};
}

base::result<assignment_outcome> node_service::assign_in(repositories& tables,
                                                         const asking& who) const {
  const auto now = tools_.clock.system_now();
  HTTVPS_CHECK(tools_.fleet.refresh(tables));
  HTTVPS_TRY(const auto lease, tables.assignments.find(who.device));
  std::optional<std::vector<models::node_id>> open;
  if (has_key_schema(tools_)) {
    HTTVPS_TRY(open, tables.gateway_keys.nodes_open_to(who.gateway.id));
  }
  const auto order = order_of(who, lease, std::move(open));
  const auto chosen = tools_.fleet.choose(order);
  if (!chosen) {
    HTTVPS_CHECK(require_region(tables, order.region));
    return assignment_outcome{.made = {}, .without_key = tools_.fleet.nodes_without_key(order)};
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
  return assignment_outcome{.made = std::move(made), .without_key = {}};
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
  auto outcome =
      note_in(tools_.storage, [&](repositories& tables) -> base::result<assignment_outcome> {
        HTTVPS_TRY(const auto holder, load_holder(tables, device, tools_.clock.system_now()));
        HTTVPS_CHECK(check_admission(holder, region));
        return assign_in(tables, {.gateway = gateway,
                                  .device = device,
                                  .wanted_region = order.region,
                                  .terms = holder.subscription.terms});
      });
  HTTVPS_TRY(auto answered, std::move(outcome));
  if (answered.made) {
    return *std::move(answered.made);
  }
  if (!answered.without_key.empty()) {
    HTTVPS_CHECK(order_keys(gateway, answered.without_key));
  }
  return base::fail(errc::no_node_available);
}

}
