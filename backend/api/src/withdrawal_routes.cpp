#include "httvps/backend/schemas/account_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using services::errc;
using services::withdrawal_service;

template <typename Id, typename Found>
using change_of = base::result<Found> (withdrawal_service::*)(const services::admin_actor&,
                                                              const Id&) const;

struct action {
  std::string pattern;
  std::string operation;
  std::string summary;
  errc missing;
};

template <typename View, typename Id, typename Found>
route action_route(const service_set& services, const action& what, change_of<Id, Found> change) {
  return without_body<tagged<View>>(
      {.method = "POST",
       .pattern = what.pattern,
       .operation = what.operation,
       .summary = what.summary,
       .wanted = access::support},
      [services, change, missing = what.missing](call& made) -> answer<tagged<View>> {
        HTTVPS_TRY(const auto id, id_of<Id>(made, missing));
        HTTVPS_TRY(const auto changed, (services.withdrawals.*change)(*made.admin, id));
        return tagged_view_of(changed);
      });
}

}

void add_withdrawal_routes(route_table& table, const service_set& services) {
  table.add(action_route<schemas::user_view>(
      services,
      {.pattern = "/api/v1/admin/users/{id}:suspend",
       .operation = "suspendUser",
       .summary = "Stops serving a user's devices until the user is resumed.",
       .missing = errc::user_not_found},
      &withdrawal_service::suspend_user));
  table.add(action_route<schemas::user_view>(services,
                                             {.pattern = "/api/v1/admin/users/{id}:resume",
                                              .operation = "resumeUser",
                                              .summary = "Serves a suspended user again.",
                                              .missing = errc::user_not_found},
                                             &withdrawal_service::resume_user));
  table.add(action_route<schemas::subscription_view>(
      services,
      {.pattern = "/api/v1/admin/subscriptions/{id}:suspend",
       .operation = "suspendSubscription",
       .summary = "Stops serving a subscription's devices until it is resumed.",
       .missing = errc::subscription_not_found},
      &withdrawal_service::suspend_subscription));
  table.add(action_route<schemas::subscription_view>(
      services,
      {.pattern = "/api/v1/admin/subscriptions/{id}:resume",
       .operation = "resumeSubscription",
       .summary = "Serves a suspended subscription again.",
       .missing = errc::subscription_not_found},
      &withdrawal_service::resume_subscription));
}

}
