#include "httvps/backend/schemas/bulk_documents.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using schemas::bulk_users_answer;
using schemas::bulk_users_request;

std::vector<services::new_user> users_in(const bulk_users_request& sent) {
  std::vector<services::new_user> users;
  users.reserve(sent.users.items.size());
  for (const auto& each : sent.users.items) {
    users.push_back({.name = each.name.value,
                     .email = each.email ? std::optional(each.email->value) : std::nullopt,
                     .note = each.note ? each.note->value : ""});
  }
  return users;
}

bulk_users_answer view_of(const services::added_users& added) {
  bulk_users_answer told;
  told.results.items.reserve(added.size());
  for (const auto& each : added) {
    if (each) {
      ++told.created.value;
      told.results.items.push_back({.id = *each, .code = {}});
    } else {
      told.results.items.push_back({.id = {}, .code = std::string(base::label_of(each.error()))});
    }
  }
  return told;
}

}

void add_bulk_routes(route_table& table, const service_set& services) {
  table.add(with_body<bulk_users_request, bulk_users_answer>(
      {.method = "POST",
       .pattern = "/api/v1/admin/bulk/users",
       .operation = "createUsers",
       .summary = "Adds up to 1000 users in one transaction; each row has a result of its own, and "
                  "one whose name is taken is left out.",
       .wanted = access::support},
      [services](call& made, const bulk_users_request& sent) -> answer<bulk_users_answer> {
        HTTVPS_TRY(const auto added, services.accounts.add_users(*made.admin, users_in(sent)));
        return view_of(added);
      }));
}

}
