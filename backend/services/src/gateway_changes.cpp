#include "amending.hpp"
#include "gateway_reports.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

base::result<> check_terms(const service_tools& tools, const models::gateway& gateway) {
  const bool has_terms = gateway.weight != 1 || gateway.capacity_bps || gateway.max_sessions;
  return has_terms && tools.storage.schema_version() < gateway_weight_schema
             ? base::fail(errc::schema_too_old)
             : base::result<>();
}

}

base::result<models::gateway> require_gateway(repositories& tables, const models::gateway_id& id) {
  HTTVPS_TRY(auto gateway, required(tables.gateways.find(id), errc::gateway_not_found));
  if (models::is_removed(gateway)) {
    return base::fail(errc::gateway_not_found);
  }
  return gateway;
}

gateway_report report_on_gateway(const node_fleet& fleet, models::gateway gateway) {
  auto heartbeat = fleet.heartbeat_of(gateway.id.text());
  return {.gateway = std::move(gateway), .heartbeat = std::move(heartbeat)};
}

base::result<gateway_report> gateway_service::find(const models::gateway_id& id) const {
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<gateway_report> {
    HTTVPS_CHECK(tools_.fleet.refresh(tables));
    HTTVPS_TRY(auto gateway, require_gateway(tables, id));
    return report_on_gateway(tools_.fleet, std::move(gateway));
  });
}

base::result<gateway_report> gateway_service::change(const admin_actor& actor,
                                                     const models::gateway_id& id,
                                                     const gateway_amendment& wanted) const {
  auto made = write_to(tools_.storage, [&](repositories& tables) -> base::result<gateway_report> {
    HTTVPS_TRY(const auto known, require_gateway(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    auto changed = known;
    amend(changed.name, wanted.name);
    amend(changed.weight, wanted.weight);
    amend(changed.capacity_bps, wanted.capacity_bps);
    amend(changed.max_sessions, wanted.max_sessions);
    HTTVPS_CHECK(check_terms(tools_, changed));
    HTTVPS_CHECK(
        save_amendment({.tables = tables, .tools = tools_, .actor = actor}, tables.gateways,
                       record_amendment<models::gateway>{
                           .action = "gateway.change", .before = known, .after = changed}));
    return report_on_gateway(tools_.fleet, std::move(changed));
  });
  tools_.fleet.expire();
  return made;
}

base::result<gateway_report> gateway_service::reject(const admin_actor& actor,
                                                     const models::gateway_id& id) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<gateway_report> {
    HTTVPS_TRY(const auto known, require_gateway(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    if (known.state == models::gateway_state::approved || known.approved_at) {
      return base::fail(errc::gateway_not_pending);
    }
    auto changed = known;
    changed.state = models::gateway_state::disabled;
    HTTVPS_TRY(const auto differs,
               save_amendment({.tables = tables, .tools = tools_, .actor = actor}, tables.gateways,
                              record_amendment<models::gateway>{
                                  .action = "gateway.reject", .before = known, .after = changed}));
    if (differs) {
      HTTVPS_CHECK(advance_config_version(tables));
    }
    return report_on_gateway(tools_.fleet, std::move(changed));
  });
}

base::result<> gateway_service::remove(const admin_actor& actor,
                                       const models::gateway_id& id) const {
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto known, require_gateway(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    HTTVPS_CHECK(take_keys(tables, tools_, id));
    HTTVPS_CHECK(tables.credentials.remove_all(id.text()));
    auto removed = known;
    models::remove(removed);
    HTTVPS_CHECK(tables.regions.ensure(removed.region, tools_.clock.system_now()));
    HTTVPS_CHECK(tables.gateways.update(removed));
    HTTVPS_CHECK(advance_config_version(tables));
    return record_change(
        tables, tools_, actor,
        {.action = "gateway.delete", .object = id.text(), .before = audit_document(known)});
  }));
  tools_.fleet.expire();
  return {};
}

}
