#include "gateway_reports.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

struct state_change {
  models::gateway_state wanted;
  std::string_view action;
};

base::result<models::gateway> change_state(repositories& tables, const service_tools& tools,
                                           models::gateway gateway, const admin_actor& actor,
                                           const state_change& change) {
  auto before = audit_document(gateway);
  gateway.state = change.wanted;
  HTTVPS_CHECK(tables.gateways.update(gateway));
  HTTVPS_CHECK(advance_config_version(tables));
  HTTVPS_CHECK(record_change(tables, tools, actor,
                             {.action = change.action,
                              .object = gateway.id.text(),
                              .before = std::move(before),
                              .after = audit_document(gateway)}));
  return gateway;
}

}

base::result<gateway_report> gateway_service::quarantine(const admin_actor& actor,
                                                         const models::gateway_id& id) const {
  auto made = write_to(tools_.storage, [&](repositories& tables) -> base::result<models::gateway> {
    HTTVPS_TRY(auto gateway, require_gateway(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(gateway)));
    HTTVPS_CHECK(take_keys(tables, tools_, id));
    if (gateway.state == models::gateway_state::disabled) {
      return gateway;
    }
    return change_state(
        tables, tools_, std::move(gateway), actor,
        {.wanted = models::gateway_state::disabled, .action = "gateway.quarantine"});
  });
  HTTVPS_TRY(auto gateway, std::move(made));
  tools_.fleet.expire();
  return report_on_gateway(tools_.fleet, std::move(gateway));
}

base::result<gateway_report> gateway_service::release(const admin_actor& actor,
                                                      const models::gateway_id& id) const {
  auto made = write_to(tools_.storage, [&](repositories& tables) -> base::result<models::gateway> {
    HTTVPS_TRY(auto gateway, require_gateway(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(gateway)));
    if (gateway.state != models::gateway_state::disabled) {
      return gateway;
    }
    const auto wanted =
        gateway.approved_at ? models::gateway_state::approved : models::gateway_state::pending;
    return change_state(tables, tools_, std::move(gateway), actor,
                        {.wanted = wanted, .action = "gateway.release"});
  });
  HTTVPS_TRY(auto gateway, std::move(made));
  tools_.fleet.expire();
  return report_on_gateway(tools_.fleet, std::move(gateway));
}

}
