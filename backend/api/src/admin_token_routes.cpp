#include "amendments.hpp"
#include "httvps/backend/schemas/admin_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::admin_token_change;
using schemas::admin_token_created;
using schemas::admin_token_page;
using schemas::admin_token_request;
using schemas::admin_token_view;
using tagged_token = tagged<admin_token_view>;

admin_token_view view_of(const models::admin_token& token) {
  return {.id = token.id,
          .owner_id = token.owner,
          .name = token.name,
          .role = token.role,
          .scopes = list_of<schemas::scope_list>(token.scopes),
          .created_at = token.created_at,
          .expires_at = token.expires_at,
          .last_used_at = optional_field<schemas::moment>(token.last_used_at),
          .revoked_at = optional_field<schemas::moment>(token.revoked_at)};
}

tagged_token tagged_view_of(const models::admin_token& token) {
  return {.document = view_of(token), .tag = services::tag_of(token)};
}

services::new_admin_token order_of(const admin_token_request& wanted) {
  services::new_admin_token order{.name = wanted.name.value};
  order.role = wanted.role.value_or(models::admin_role::read_only);
  if (wanted.scopes) {
    for (const auto& scope : wanted.scopes->items) {
      order.scopes.push_back(scope.value);
    }
  }
  if (wanted.valid_s) {
    order.valid = std::chrono::seconds(wanted.valid_s->value);
  }
  return order;
}

answer<models::admin_token_id> token_id_of(const call& made) {
  return id_of<models::admin_token_id>(made, services::errc::admin_token_not_found);
}

route token_route(std::string method, std::string_view tail, std::string operation,
                  std::string summary) {
  return {.method = std::move(method),
          .pattern = std::string("/api/v1/admin/tokens").append(tail),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .wanted = access::support};
}

void add_token_list_routes(route_table& table, const service_set& services) {
  auto create = token_route("POST", "", "createToken",
                            "Makes an API token with at most the maker's rights; shows it once.");
  create.success = 201;
  table.add(with_body<admin_token_request, admin_token_created>(
      std::move(create),
      [services](call& made, const admin_token_request& wanted) -> answer<admin_token_created> {
        HTTVPS_TRY(auto created, services.admin_tokens.create(*made.admin, order_of(wanted)));
        return admin_token_created{.token = view_of(created.token),
                                   .secret = std::move(created.secret)};
      }));
  table.add(with_query<page_query, admin_token_page>(
      token_route("GET", "", "listTokens",
                  "Lists API tokens: all for the role admin, the own ones for others."),
      [services](call& made, const page_query& query) -> answer<admin_token_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.admin_tokens.list(*made.admin, wanted));
        return to_page<admin_token_page>(found, [](const auto& one) { return view_of(one); });
      }));
}

}

void add_admin_token_routes(route_table& table, const service_set& services) {
  add_token_list_routes(table, services);
  table.add(without_body<tagged_token>(
      token_route("GET", "/{id}", "getToken", "One API token, without its secret."),
      [services](call& made) -> answer<tagged_token> {
        HTTVPS_TRY(const auto id, token_id_of(made));
        HTTVPS_TRY(const auto token, services.admin_tokens.find(*made.admin, id));
        return tagged_view_of(token);
      }));
  table.add(with_patch<admin_token_change, tagged_token>(
      token_route("PATCH", "/{id}", "renameToken", "Gives an API token another name."),
      [services](call& made, const admin_token_change& wanted) -> answer<tagged_token> {
        HTTVPS_TRY(const auto id, token_id_of(made));
        HTTVPS_TRY(const auto token,
                   services.admin_tokens.rename(*made.admin, id, changed_text(wanted.name)));
        return tagged_view_of(token);
      }));
  table.add(without_body<tagged_token>(
      token_route("POST", "/{id}:revoke", "revokeToken", "Ends an API token for ever."),
      [services](call& made) -> answer<tagged_token> {
        HTTVPS_TRY(const auto id, token_id_of(made));
        HTTVPS_TRY(const auto token, services.admin_tokens.revoke(*made.admin, id));
        return tagged_view_of(token);
      }));
}

}
