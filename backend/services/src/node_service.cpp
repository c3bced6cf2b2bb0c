#include "httvps/backend/services/node_service.hpp"

#include <algorithm>

#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

base::result<> describe_keys(repositories& tables, const service_tools& tools,
                             node_report& report) {
  HTTVPS_TRY(report.keyring, find_keyring(tables, tools, report.node.id));
  if (report.keyring) {
    report.method = report.keyring->method;
    HTTVPS_TRY(report.key_generation, tables.gateway_keys.newest_listed(report.node.id));
    HTTVPS_TRY(report.transferred, tables.key_counters.transferred(report.node.id));
    return {};
  }
  HTTVPS_TRY(const auto key,
             required(tables.access_keys.find_current(report.node.id), errc::storage_failed));
  report.method = key.method;
  report.key_generation = key.generation;
  return {};
}

base::result<node_report> report_on_node(repositories& tables, const service_tools& tools,
                                         models::node node) {
  const auto standing = tools.fleet.find(node.id.text());
  node_report report{.node = std::move(node),
                     .method = {},
                     .key_generation = 0,
                     .keyring = {},
                     .transferred = 0,
                     .heartbeat = {},
                     .healthy = !standing || standing->stage == selection::health::healthy};
  report.heartbeat = tools.fleet.heartbeat_of(report.node.id.text());
  HTTVPS_CHECK(describe_keys(tables, tools, report));
  return report;
}

}

base::result<models::page<node_report>> node_service::list(
    const models::page_request& wanted) const {
  using report_page = models::page<node_report>;
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<report_page> {
    HTTVPS_CHECK(tools_.fleet.refresh(tables));
    HTTVPS_TRY(auto found, tables.nodes.list(wanted));
    report_page reports{.items = {}, .more = found.more};
    for (auto& node : found.items) {
      HTTVPS_TRY(auto report, report_on_node(tables, tools_, std::move(node)));
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

base::result<models::region> node_service::place_region(const admin_actor& actor,
                                                        const models::region& wanted) const {
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto known, tables.regions.list());
    const auto before = std::ranges::find(known, wanted.code, &models::region::code);
    if (before == known.end()) {
      return base::fail(errc::region_not_found);
    }
    HTTVPS_CHECK(tables.regions.place(wanted));
    return record_change(tables, tools_, actor,
                         {.action = "region.place",
                          .object = wanted.code,
                          .before = audit_document(*before),
                          .after = audit_document(wanted)});
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
