#include <algorithm>

#include "amending.hpp"
#include "gateway_candidates.hpp"
#include "gateway_reports.hpp"
#include "httvps/backend/services/admission_book.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/documents.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

base::result<> check_drainable(const service_tools& tools, const models::gateway& gateway) {
  if (tools.storage.schema_version() < gateway_drain_schema) {
    return base::fail(errc::schema_too_old);
  }
  if (gateway.state == models::gateway_state::pending) {
    return base::fail(errc::gateway_pending);
  }
  return gateway.state == models::gateway_state::disabled ? base::fail(errc::gateway_disabled)
                                                          : base::result<>();
}

class successor_finder {
 public:
  successor_finder(const service_tools& tools, repositories& tables, const models::gateway& leaving)
      : tools_(tools), tables_(tables), leaving_(leaving) {}

  base::result<> look() {
    HTTVPS_CHECK(tools_.fleet.refresh(tables_));
    HTTVPS_TRY(gateways_, tables_.gateways.list_approved());
    return {};
  }

  base::result<std::vector<device_successors>> find(const std::vector<models::device_id>& asked) {
    HTTVPS_TRY(const auto served, tables_.known_sessions.devices_at(leaving_.id, asked));
    std::vector<admission_query> wanted;
    wanted.reserve(served.size());
    for (const auto& each : served) {
      wanted.push_back({.device = each});
    }
    HTTVPS_TRY(const auto holders, load_holders(tables_, wanted, tools_.clock.system_now()));
    std::vector<device_successors> found;
    for (const auto& each : holders) {
      if (each) {
        found.push_back({.device = each->device.id, .gateways = successors_of(*each)});
      }
    }
    return found;
  }

 private:
  std::vector<models::gateway_id> successors_of(const device_holder& holder) {
    auto covered = gateways_;
    std::erase_if(covered, [&](const models::gateway& each) {
      return !holder.subscription.terms.covers_region(each.region);
    });
    const auto id = holder.device.id.text();
    const auto known = preview_candidates(
        covered, {.device = id, .asked = leaving_, .draining = selection::drain_rule::presumes_fit},
        tools_.fleet);
    std::vector<models::gateway_id> others;
    for (const auto& each : known) {
      if (each.id != leaving_.id && tools_.fleet.is_fit_gateway(each.id.text())) {
        others.push_back(each.id);
      }
    }
    return others;
  }

  const service_tools& tools_;
  repositories& tables_;
  const models::gateway& leaving_;
  std::vector<models::gateway> gateways_;
};

}

struct gateway_service::drain_turn {
  std::string_view action;
  std::optional<base::system_time> since;
};

base::result<gateway_report> gateway_service::turn_drain(const admin_actor& actor,
                                                         const models::gateway_id& id,
                                                         const drain_turn& wanted) const {
  auto made = write_to(tools_.storage, [&](repositories& tables) -> base::result<gateway_report> {
    HTTVPS_TRY(const auto known, require_gateway(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    HTTVPS_CHECK(check_drainable(tools_, known));
    auto changed = known;
    changed.draining_since =
        wanted.since && known.draining_since ? known.draining_since : wanted.since;
    HTTVPS_TRY(const auto differs,
               save_amendment({.tables = tables, .tools = tools_, .actor = actor}, tables.gateways,
                              record_amendment<models::gateway>{
                                  .action = wanted.action, .before = known, .after = changed}));
    if (differs) {
      HTTVPS_CHECK(advance_config_version(tables));
    }
    return report_on_gateway(tools_.fleet, std::move(changed));
  });
  tools_.fleet.expire();
  return made;
}

base::result<gateway_report> gateway_service::drain(const admin_actor& actor,
                                                    const models::gateway_id& id) const {
  return turn_drain(actor, id, {.action = "gateway.drain", .since = tools_.clock.system_now()});
}

base::result<gateway_report> gateway_service::undrain(const admin_actor& actor,
                                                      const models::gateway_id& id) const {
  return turn_drain(actor, id, {.action = "gateway.undrain", .since = std::nullopt});
}

base::result<std::vector<device_successors>> gateway_service::successors(
    const models::gateway& gateway, const std::vector<models::device_id>& devices) const {
  using found_successors = std::vector<device_successors>;
  HTTVPS_CHECK(flush(tools_.book));
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<found_successors> {
    HTTVPS_TRY(const auto leaving, require_gateway(tables, gateway.id));
    if (!leaving.draining_since) {
      return base::fail(errc::gateway_not_draining);
    }
    successor_finder finder(tools_, tables, leaving);
    HTTVPS_CHECK(finder.look());
    return finder.find(devices);
  });
}

}
