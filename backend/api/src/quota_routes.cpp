#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/schemas/quota_documents.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

struct quota_counters {
  base::counter open;
  base::counter final;
  base::counter returned;
  base::counter refused;
};

services::lease_order order_of(const schemas::lease_request& wanted) {
  services::lease_order order{.epoch = wanted.epoch.value, .items = {}};
  order.items.reserve(wanted.items.items.size());
  for (const auto& item : wanted.items.items) {
    order.items.push_back({.subscription = item.subscription,
                           .used = item.used_of_lease.as<base::byte_count>(),
                           .want = item.want.as<base::byte_count>(),
                           .token = item.token ? std::optional(item.token->value) : std::nullopt});
  }
  return order;
}

std::optional<schemas::lease_end> end_of(const services::granted_lease& lease) {
  if (lease.outlook != services::lease_outlook::final) {
    return std::nullopt;
  }
  return models::parse_enum<schemas::lease_end>(std::string(base::label_of(lease.end)));
}

schemas::lease_answer view_of(const std::vector<services::granted_lease>& granted) {
  schemas::lease_answer view;
  view.items.items.reserve(granted.size());
  for (const auto& lease : granted) {
    view.items.items.push_back({.subscription = lease.subscription,
                                .grant_bytes = lease.granted,
                                .remaining = lease.remaining,
                                .expires_s = services::lease_lasts.count(),
                                .final = lease.outlook == services::lease_outlook::final,
                                .refused = lease.outlook == services::lease_outlook::refused,
                                .reason = end_of(lease)});
  }
  return view;
}

void count(quota_counters& counters, const services::lease_order& asked,
           const std::vector<services::granted_lease>& granted) {
  for (std::size_t i = 0; i < granted.size(); ++i) {
    if (asked.items[i].want == 0) {
      counters.returned.add();
    } else if (granted[i].outlook == services::lease_outlook::final) {
      counters.final.add();
    } else if (granted[i].outlook == services::lease_outlook::refused) {
      counters.refused.add();
    } else {
      counters.open.add();
    }
  }
}

quota_counters make_counters(base::metric_registry& metrics) {
  const auto leases = [&](std::string result) {
    return metrics.add_counter({.name = "httvps_backend_quota_leases_total",
                                .help = "Leases that gateways asked for or gave back.",
                                .labels = {{"result", std::move(result)}}});
  };
  return {.open = leases("open"),
          .final = leases("final"),
          .returned = leases("returned"),
          .refused = leases("refused")};
}

}

void add_quota_routes(route_table& table, const service_set& services,
                      base::metric_registry& metrics) {
  table.add(with_body<schemas::lease_request, schemas::lease_answer>(
      {.method = "POST",
       .pattern = "/api/v1/gateway/quota:lease",
       .operation = "leaseQuota",
       .summary = "Bytes of a subscription's quota that a gateway may let pass.",
       .wanted = access::gateway},
      [services, counters = make_counters(metrics)](
          call& made,
          const schemas::lease_request& wanted) mutable -> answer<schemas::lease_answer> {
        const auto order = order_of(wanted);
        HTTVPS_TRY(const auto granted, services.quota.lease(*made.gateway, order));
        count(counters, order, granted);
        made.notes.outcome = "leased";
        return view_of(granted);
      }));
}

}
