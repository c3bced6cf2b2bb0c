#include "amendments.hpp"
#include "httvps/backend/services/errc.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::user_change_request;
using schemas::user_view;
using tagged_user = tagged<user_view>;

constexpr std::string_view one_user = "/api/v1/admin/users/{id}";

answer<models::user_id> user_id_of(const call& made) {
  return id_of<models::user_id>(made, services::errc::user_not_found);
}

services::user_amendment amendment_of(const user_change_request& wanted) {
  return {.name = changed_text(wanted.name),
          .email = changed_optional_text(wanted.email),
          .note = changed_text(wanted.note)};
}

}

void add_user_routes(route_table& table, const service_set& services) {
  add_bulk_routes(table, services);
  table.add(without_body<tagged_user>({.method = "GET",
                                       .pattern = std::string(one_user),
                                       .operation = "getUser",
                                       .summary = "One user.",
                                       .wanted = access::read_only},
                                      [services](call& made) -> answer<tagged_user> {
                                        HTTVPS_TRY(const auto id, user_id_of(made));
                                        HTTVPS_TRY(const auto user, services.accounts.user(id));
                                        return tagged_view_of(user);
                                      }));
  table.add(with_patch<user_change_request, tagged_user>(
      {.pattern = std::string(one_user),
       .operation = "changeUser",
       .summary = "Changes name, email or note; the role support changes the note alone.",
       .wanted = access::support},
      [services](call& made, const user_change_request& wanted) -> answer<tagged_user> {
        HTTVPS_TRY(const auto id, user_id_of(made));
        HTTVPS_TRY(const auto user,
                   services.accounts.change_user(*made.admin, id, amendment_of(wanted)));
        return tagged_view_of(user);
      }));
  table.add(
      removal({.pattern = std::string(one_user),
               .operation = "deleteUser",
               .summary = "Deletes a user for ever: the subscription ends, devices are revoked.",
               .wanted = access::admin},
              [services](call& made) -> answer<void> {
                HTTVPS_TRY(const auto id, user_id_of(made));
                HTTVPS_CHECK(services.accounts.remove_user(*made.admin, id));
                return {};
              }));
}

}
