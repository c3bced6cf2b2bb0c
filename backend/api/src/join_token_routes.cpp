#include "httvps/backend/schemas/infrastructure_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::join_token_view;
using services::errc;

constexpr std::string_view all_tokens = "/api/v1/admin/join-tokens";
constexpr std::string_view one_token = "/api/v1/admin/join-tokens/{id}";

answer<models::join_token_id> token_id_of(const call& made) {
  return id_of<models::join_token_id>(made, errc::join_token_not_found);
}

join_token_view view_of(const models::join_token& token, base::system_time now) {
  return {.id = token.id,
          .name = token.name,
          .region = token.region,
          .state = models::state_of(token, now),
          .needs_approval = token.approval == models::join_approval::by_admin,
          .used_by = token.used_by,
          .created_at = token.created_at,
          .expires_at = token.expires_at,
          .used_at = optional_field<schemas::moment>(token.used_at),
          .revoked_at = optional_field<schemas::moment>(token.revoked_at)};
}

}

void add_join_token_routes(route_table& table, const service_set& services,
                           const base::clock& clock) {
  table.add(with_query<page_query, schemas::join_token_page>(
      {.method = "GET",
       .pattern = std::string(all_tokens),
       .operation = "listJoinTokens",
       .summary = "Join tokens with their states and who used them, never the secret.",
       .wanted = access::read_only},
      [services, &clock](call&, const page_query& query) -> answer<schemas::join_token_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.gateways.join_tokens(wanted));
        return to_page<schemas::join_token_page>(
            found, [&clock](const auto& one) { return view_of(one, clock.system_now()); });
      }));
  table.add(without_body<tagged<join_token_view>>(
      {.method = "GET",
       .pattern = std::string(one_token),
       .operation = "getJoinToken",
       .summary = "One join token, never the secret.",
       .wanted = access::read_only},
      [services, &clock](call& made) -> answer<tagged<join_token_view>> {
        HTTVPS_TRY(const auto id, token_id_of(made));
        HTTVPS_TRY(const auto found, services.gateways.join_token(id));
        return tagged<join_token_view>{.document = view_of(found, clock.system_now()),
                                       .tag = services::tag_of(found)};
      }));
  table.add(removal({.pattern = std::string(one_token),
                     .operation = "revokeJoinToken",
                     .summary = "Revokes a join token; a gateway that joined with it stays.",
                     .wanted = access::admin},
                    [services](call& made) -> answer<void> {
                      HTTVPS_TRY(const auto id, token_id_of(made));
                      return answer<void>(services.gateways.revoke_join_token(*made.admin, id));
                    }));
}

}
