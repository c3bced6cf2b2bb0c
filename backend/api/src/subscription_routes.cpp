#include "amendments.hpp"
#include "httvps/backend/services/errc.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::extension_request;
using schemas::subscription_change_request;
using services::account_service;
using tagged_subscription = tagged<schemas::subscription_view>;

constexpr std::string_view one_subscription = "/api/v1/admin/subscriptions/{id}";

answer<models::subscription_id> subscription_id_of(const call& made) {
  return id_of<models::subscription_id>(made, services::errc::subscription_not_found);
}

services::subscription_amendment amendment_of(const subscription_change_request& wanted) {
  return {.expires_at = changed_optional_time(wanted.expires_at),
          .plan = wanted.plan_id.given,
          .next_plan = wanted.next_plan_id.given,
          .quota_bytes = changed_optional_number<base::byte_count>(wanted.quota_bytes)};
}

using subscription_action = base::result<services::subscription_report> (account_service::*)(
    const services::admin_actor&, const models::subscription_id&) const;

route action_route(const service_set& services, route one, subscription_action action) {
  one.method = "POST";
  return without_body<tagged_subscription>(
      std::move(one), [services, action](call& made) -> answer<tagged_subscription> {
        HTTVPS_TRY(const auto id, subscription_id_of(made));
        HTTVPS_TRY(const auto report, (services.accounts.*action)(*made.admin, id));
        return tagged_view_of(report);
      });
}

route extension_route(const service_set& services) {
  return with_body<extension_request, tagged_subscription>(
      {.method = "POST",
       .pattern = std::string(one_subscription).append(":extend"),
       .operation = "extendSubscription",
       .summary = "Moves the end by days, from now if it is over; support at most 30 a call.",
       .wanted = access::support},
      [services](call& made, const extension_request& wanted) -> answer<tagged_subscription> {
        HTTVPS_TRY(const auto id, subscription_id_of(made));
        HTTVPS_TRY(const auto report, services.accounts.extend_subscription(
                                          *made.admin, id, std::chrono::days(wanted.days.value)));
        return tagged_view_of(report);
      });
}

}

void add_subscription_routes(route_table& table, const service_set& services) {
  table.add(with_patch<subscription_change_request, tagged_subscription>(
      {.pattern = std::string(one_subscription),
       .operation = "changeSubscription",
       .summary = "Changes end, plan now or at the end of the period, or an own quota.",
       .wanted = access::admin},
      [services](call& made,
                 const subscription_change_request& wanted) -> answer<tagged_subscription> {
        HTTVPS_TRY(const auto id, subscription_id_of(made));
        HTTVPS_TRY(const auto report,
                   services.accounts.change_subscription(*made.admin, id, amendment_of(wanted)));
        return tagged_view_of(report);
      }));
  table.add(extension_route(services));
  table.add(action_route(services,
                         {.pattern = std::string(one_subscription).append(":reset-usage"),
                          .operation = "resetSubscriptionUsage",
                          .summary = "Starts the count against the quota anew; history stays.",
                          .wanted = access::support},
                         &account_service::reset_usage));
  table.add(action_route(services,
                         {.pattern = std::string(one_subscription).append(":cancel"),
                          .operation = "cancelSubscription",
                          .summary = "Ends a subscription for ever; its devices are revoked.",
                          .wanted = access::admin},
                         &account_service::cancel_subscription));
}

}
