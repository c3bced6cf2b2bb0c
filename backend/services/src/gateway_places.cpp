#include <string>

#include "gateway_reports.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/gateway_service.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

std::string changed_facts(const models::gateway& before, const models::gateway& after) {
  std::string names;
  const auto add = [&names](std::string_view name) {
    names.append(names.empty() ? "" : " ").append(name);
  };
  if (before.region != after.region) {
    add("region");
  }
  if (before.host != after.host) {
    add("host");
  }
  if (before.addresses != after.addresses) {
    add("addresses");
  }
  if (before.pins != after.pins) {
    add("pins");
  }
  return names;
}

models::gateway placed_at(models::gateway gateway, const gateway_place& place) {
  gateway.region = place.region;
  gateway.host = place.host;
  gateway.addresses = place.addresses;
  gateway.pins = place.pins;
  return gateway;
}

}

base::result<models::gateway> gateway_service::take_place(const models::gateway_id& id,
                                                          const change_author& author,
                                                          const gateway_place& place) const {
  auto made = write_to(tools_.storage, [&](repositories& tables) -> base::result<models::gateway> {
    HTTVPS_TRY(const auto known, require_gateway(tables, id));
    if (known.state == models::gateway_state::disabled) {
      return base::fail(errc::gateway_disabled);
    }
    auto placed = placed_at(known, place);
    const auto facts = changed_facts(known, placed);
    if (facts.empty()) {
      return known;
    }
    const bool is_another = placed.region != known.region || placed.host != known.host;
    if (is_another && policy_.approval == join_approval::by_admin) {
      placed.state = models::gateway_state::pending;
      placed.approved_at.reset();
      HTTVPS_CHECK(take_keys(tables, tools_, id));
    }
    HTTVPS_CHECK(tables.regions.ensure(placed.region, tools_.clock.system_now()));
    HTTVPS_CHECK(tables.gateways.update(placed));
    if (known.state == models::gateway_state::approved) {
      HTTVPS_CHECK(advance_config_version(tables));
    }
    HTTVPS_CHECK(record_change(tables, tools_, author,
                               {.action = "gateway.place",
                                .object = id.text(),
                                .detail = facts,
                                .before = audit_document(known),
                                .after = audit_document(placed)}));
    return placed;
  });
  tools_.fleet.expire();
  return made;
}

}
