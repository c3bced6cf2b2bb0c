#include <memory>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/schemas/overview_documents.hpp"
#include "httvps/backend/services/overview_service.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

schemas::user_counts users_of(const services::overview_figures& figures) {
  return {.active = figures.active_users,
          .suspended = figures.suspended_users,
          .deleted = figures.deleted_users,
          .counted_to = services::most_counted_users};
}

schemas::gateway_counts view_of(const services::gateway_counts& counts) {
  return {.serving = counts.serving,
          .draining = counts.draining,
          .silent = counts.silent,
          .pending = counts.pending,
          .disabled = counts.disabled};
}

schemas::node_counts view_of(const services::node_counts& counts) {
  return {.fit = counts.fit,
          .unfit = counts.unfit,
          .draining = counts.draining,
          .disabled = counts.disabled};
}

schemas::attention_view view_of(const services::attention_item& item) {
  return {.kind = models::enum_text(item.kind),
          .object = item.object,
          .name = item.name,
          .detail = item.detail};
}

schemas::overview_answer view_of(const services::deployment_overview& seen) {
  schemas::overview_answer told{.counted_at = seen.figures.counted_at,
                                .users = users_of(seen.figures),
                                .online_sessions = seen.online_sessions,
                                .today = total_of(seen.figures.today),
                                .seven_days = total_of(seen.figures.seven_days),
                                .thirty_days = total_of(seen.figures.thirty_days),
                                .gateways = view_of(seen.gateways),
                                .nodes = view_of(seen.nodes),
                                .usage_lag_s = seen.usage_lag.count(),
                                .usage_waiting_batches = seen.waiting_batches,
                                .attention = {}};
  for (const auto& each : seen.attention) {
    told.attention.items.push_back(view_of(each));
  }
  return told;
}

}

void add_overview_routes(route_table& table, const service_set& services,
                         const base::clock& clock) {
  const auto overview =
      std::make_shared<services::overview_service>(services.storage, services.fleet, clock);
  table.add(without_body<schemas::overview_answer>(
      {.method = "GET",
       .pattern = "/api/v1/admin/stats/overview",
       .operation = "getOverview",
       .summary = "The deployment at a glance: users, sessions, traffic, fleet, what wants a look.",
       .wanted = access::read_only},
      [overview](call&) -> answer<schemas::overview_answer> {
        HTTVPS_TRY(const auto seen, overview->look());
        return view_of(seen);
      }));
}

}
