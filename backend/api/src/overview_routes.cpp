#include <algorithm>
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

struct drift_query {
  static constexpr std::string_view schema_name = "DriftQuery";

  std::optional<schemas::day_text> day;
};
BOOST_DESCRIBE_STRUCT(drift_query, (), (day))

base::byte_count size_of(const services::path_drift& drift) {
  const auto bytes = drift.bytes();
  return std::max(bytes.up, bytes.down);
}

schemas::path_drift_view view_of(const services::path_drift& drift) {
  return {.node_id = drift.node,
          .gateway_id = drift.gateway,
          .reported = total_of(drift.reported),
          .counted = total_of(drift.counted)};
}

schemas::drift_answer view_of(services::day_drift found) {
  schemas::drift_answer told{.day = found.day,
                             .is_complete = found.is_complete,
                             .nodes_compared = found.nodes,
                             .paths_compared = found.paths.size(),
                             .paths_over_bound = 0,
                             .worst = {}};
  std::erase_if(found.paths, [](const auto& each) { return !each.is_over_bound(); });
  told.paths_over_bound = found.paths.size();
  std::ranges::sort(found.paths, std::ranges::greater(), size_of);
  found.paths.resize(std::min(found.paths.size(), schemas::most_drifts_shown));
  for (const auto& each : found.paths) {
    told.worst.items.push_back(view_of(each));
  }
  return told;
}

void add_drift_route(route_table& table, const service_set& services) {
  table.add(with_query<drift_query, schemas::drift_answer>(
      {.method = "GET",
       .pattern = "/api/v1/admin/stats/drift",
       .operation = "getDrift",
       .summary = "Where gateways reported other traffic of a day than nodes counted, worst first.",
       .wanted = access::read_only},
      [services](call&, const drift_query& query) -> answer<schemas::drift_answer> {
        HTTVPS_TRY(auto found, services.usage.drift(query.day ? std::optional(query.day->value)
                                                              : std::nullopt));
        return view_of(std::move(found));
      }));
}

}

void add_overview_routes(route_table& table, const service_set& services,
                         const base::clock& clock) {
  add_drift_route(table, services);
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
