#include "amendments.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::admin_change_request;
using schemas::admin_page;
using schemas::admin_request;
using schemas::admin_view;
using tagged_admin = tagged<admin_view>;

answer<models::admin_id> admin_id_of(const call& made) {
  return id_of<models::admin_id>(made, services::errc::admin_not_found);
}

route admin_route(std::string method, std::string_view tail, std::string operation,
                  std::string summary) {
  return {.method = std::move(method),
          .pattern = std::string("/api/v1/admin/admins").append(tail),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .wanted = access::admin};
}

services::admin_amendment amendment_of(const admin_change_request& wanted) {
  services::admin_amendment amendment{
      .name = changed_text(wanted.name), .role = wanted.role.given, .state = wanted.state.given};
  if (wanted.password.given) {
    amendment.password = wanted.password.given->value;
  }
  return amendment;
}

void add_list_routes(route_table& table, const service_set& services) {
  auto create = admin_route("POST", "", "createAdmin", "Adds an administrator with a password.");
  create.success = 201;
  table.add(with_body<admin_request, admin_view>(
      std::move(create), [services](call& made, const admin_request& wanted) -> answer<admin_view> {
        HTTVPS_TRY(const auto account,
                   services.admins.create(*made.admin, {.name = wanted.name.value,
                                                        .role = wanted.role,
                                                        .password = wanted.password.value}));
        return view_of(account);
      }));
  table.add(with_query<page_query, admin_page>(
      admin_route("GET", "", "listAdmins", "Lists administrators."),
      [services](call&, const page_query& query) -> answer<admin_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.admins.list(wanted));
        return to_page<admin_page>(found, [](const auto& one) { return view_of(one); });
      }));
}

void add_change_routes(route_table& table, const service_set& services) {
  table.add(with_patch<admin_change_request, tagged_admin>(
      admin_route(
          "PATCH", "/{id}", "changeAdmin",
          "Changes name, role, state or password; a new password and disabling end sessions."),
      [services](call& made, const admin_change_request& wanted) -> answer<tagged_admin> {
        HTTVPS_TRY(const auto id, admin_id_of(made));
        HTTVPS_TRY(const auto account,
                   services.admins.amend(*made.admin, id, amendment_of(wanted)));
        return tagged_view_of(account);
      }));
  table.add(removal(admin_route("DELETE", "/{id}", "deleteAdmin",
                                "Removes an administrator for ever: sessions and API tokens end."),
                    [services](call& made) -> answer<void> {
                      HTTVPS_TRY(const auto id, admin_id_of(made));
                      HTTVPS_CHECK(services.admins.remove(*made.admin, id));
                      return {};
                    }));
}

}

void add_admin_routes(route_table& table, const service_set& services) {
  add_list_routes(table, services);
  table.add(
      without_body<tagged_admin>(admin_route("GET", "/{id}", "getAdmin", "One administrator."),
                                 [services](call& made) -> answer<tagged_admin> {
                                   HTTVPS_TRY(const auto id, admin_id_of(made));
                                   HTTVPS_TRY(const auto account, services.admins.find(id));
                                   return tagged_view_of(account);
                                 }));
  add_change_routes(table, services);
  table.add(without_body<tagged_admin>(
      admin_route("POST", "/{id}:reset-totp", "resetAdminTotp",
                  "Takes the authenticator off an account whose owner lost it."),
      [services](call& made) -> answer<tagged_admin> {
        HTTVPS_TRY(const auto id, admin_id_of(made));
        HTTVPS_TRY(const auto account, services.admins.reset_totp(*made.admin, id));
        return tagged_view_of(account);
      }));
}

}
