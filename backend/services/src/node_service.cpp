#include "httvps/backend/services/node_service.hpp"

#include <algorithm>

#include "gateway_candidates.hpp"
#include "httvps/backend/services/errc.hpp"
#include "node_reports.hpp"

namespace httvps::backend::services {
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

base::result<gateway_explanation> node_service::explain_gateways(
    repositories& tables, const models::assignment& current) const {
  HTTVPS_TRY(const auto holder, load_holder(tables, current.device, tools_.clock.system_now()));
  HTTVPS_TRY(const auto asked,
             required(tables.gateways.find(current.gateway), errc::gateway_not_found));
  const auto covered = gateways_to_tell(tables, holder.subscription.terms);
  if (!covered && covered.error() == errc::region_denied) {
    return gateway_explanation{.choice = {.region = asked.region}, .candidates = {}};
  }
  HTTVPS_CHECK(covered);
  const auto device = current.device.text();
  const candidate_order order{.device = device, .asked = asked};
  auto told = tools_.fleet.explain_gateways(order_over(*covered, order));
  const auto chosen = complete_candidates(told.choice, *covered, order);
  std::ranges::transform(chosen, std::back_inserter(told.told), &models::gateway::id);
  return told;
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
        HTTVPS_TRY(told.gateways, explain_gateways(tables, *told.current));
        return told;
      });
}

}
