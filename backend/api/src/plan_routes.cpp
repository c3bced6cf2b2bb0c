#include "amendments.hpp"
#include "httvps/backend/services/errc.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::plan_change_request;
using tagged_plan = tagged<schemas::plan_view>;

constexpr std::string_view one_plan = "/api/v1/admin/plans/{id}";

answer<models::plan_id> plan_id_of(const call& made) {
  return id_of<models::plan_id>(made, services::errc::plan_not_found);
}

services::plan_amendment amendment_of(const plan_change_request& wanted) {
  services::plan_amendment made{
      .code = changed_text(wanted.code),
      .name = changed_text(wanted.name),
      .quota_bytes = changed_optional_number<base::byte_count>(wanted.quota_bytes),
      .offline_bytes = changed_optional_number<base::byte_count>(wanted.offline_bytes),
      .reset = wanted.reset.given,
      .duration_days = changed_optional_number<std::uint32_t>(wanted.duration_days),
      .device_limit = changed_number<std::uint32_t>(wanted.device_limit),
      .session_limit = changed_number<std::uint32_t>(wanted.session_limit),
      .up_bps = changed_optional_number<std::uint64_t>(wanted.up_bps),
      .down_bps = changed_optional_number<std::uint64_t>(wanted.down_bps)};
  if (wanted.regions.given) {
    auto& regions = made.regions.emplace();
    for (const auto& region : wanted.regions.given->items) {
      regions.push_back(region.value);
    }
  }
  made.start = wanted.start.given;
  return made;
}

route offer_route(const service_set& services, route one, services::plan_offer wanted) {
  return without_body<tagged_plan>(
      std::move(one), [services, wanted](call& made) -> answer<tagged_plan> {
        HTTVPS_TRY(const auto id, plan_id_of(made));
        HTTVPS_TRY(const auto plan, services.accounts.offer_plan(*made.admin, id, wanted));
        return tagged_view_of(plan);
      });
}

void add_offer_routes(route_table& table, const service_set& services) {
  table.add(
      offer_route(services,
                  {.method = "POST",
                   .pattern = std::string(one_plan).append(":retire"),
                   .operation = "retirePlan",
                   .summary = "Gives the plan to no new subscription; those that have it stay.",
                   .wanted = access::admin},
                  services::plan_offer::withdrawn));
  table.add(offer_route(services,
                        {.method = "POST",
                         .pattern = std::string(one_plan).append(":restore"),
                         .operation = "restorePlan",
                         .summary = "Offers a retired plan again.",
                         .wanted = access::admin},
                        services::plan_offer::open));
}

}

void add_plan_routes(route_table& table, const service_set& services) {
  table.add(without_body<tagged_plan>({.method = "GET",
                                       .pattern = std::string(one_plan),
                                       .operation = "getPlan",
                                       .summary = "One plan.",
                                       .wanted = access::read_only},
                                      [services](call& made) -> answer<tagged_plan> {
                                        HTTVPS_TRY(const auto id, plan_id_of(made));
                                        HTTVPS_TRY(const auto plan, services.accounts.plan(id));
                                        return tagged_view_of(plan);
                                      }));
  table.add(with_patch<plan_change_request, tagged_plan>(
      {.pattern = std::string(one_plan),
       .operation = "changePlan",
       .summary = "Changes a plan, also for the subscriptions that have it.",
       .wanted = access::admin,
       .tags = tag_rule::demanded},
      [services](call& made, const plan_change_request& wanted) -> answer<tagged_plan> {
        HTTVPS_TRY(const auto id, plan_id_of(made));
        HTTVPS_TRY(const auto plan,
                   services.accounts.change_plan(*made.admin, id, amendment_of(wanted)));
        return tagged_view_of(plan);
      }));
  table.add(removal({.pattern = std::string(one_plan),
                     .operation = "deletePlan",
                     .summary = "Removes a plan that no subscription ever had.",
                     .wanted = access::admin,
                     .tags = tag_rule::demanded},
                    [services](call& made) -> answer<void> {
                      HTTVPS_TRY(const auto id, plan_id_of(made));
                      HTTVPS_CHECK(services.accounts.remove_plan(*made.admin, id));
                      return {};
                    }));
  add_offer_routes(table, services);
}

}
