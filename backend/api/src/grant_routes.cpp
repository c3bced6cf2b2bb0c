#include "httvps/backend/schemas/grant_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::gateway_grant_page;
using schemas::held_usage_page;

struct held_usage_query {
  static constexpr std::string_view schema_name = "HeldUsageQuery";

  std::optional<models::gateway_id> gateway_id;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(held_usage_query, (), (gateway_id, page_size, page_token))

schemas::gateway_grant_view view_of(const services::gateway_grant& grant) {
  schemas::gateway_grant_view view{.node_id = grant.node.id,
                                   .name = grant.node.name,
                                   .region = grant.node.region,
                                   .state = grant.node.state,
                                   .rank = optional_field<schemas::small_count>(grant.rank),
                                   .key_id = {},
                                   .key_state = {},
                                   .generation = {},
                                   .handed_at = {}};
  if (grant.key) {
    view.key_id = grant.key->id;
    view.key_state = grant.key->state;
    view.generation = schemas::small_count(grant.key->generation);
    view.handed_at = optional_field<schemas::moment>(grant.key->handed_at);
  }
  return view;
}

schemas::held_usage view_of(const models::session_traffic& held) {
  return {.gateway_id = held.key.gateway,
          .epoch = held.key.epoch,
          .n = held.key.number,
          .node_id = held.node.text(),
          .up = held.counted.up,
          .down = held.counted.down};
}

void add_held_usage_route(route_table& table, const service_set& services) {
  table.add(with_query<held_usage_query, held_usage_page>(
      {.method = "GET",
       .pattern = "/api/v1/admin/usage/quarantine",
       .operation = "listHeldUsage",
       .summary = "Traffic that is held because its session or its node is not known.",
       .wanted = access::read_only},
      [services](call&, const held_usage_query& query) -> answer<held_usage_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.usage.held(query.gateway_id, wanted));
        return to_page<held_usage_page>(found, [](const auto& one) { return view_of(one); });
      }));
}

}

void add_grant_routes(route_table& table, const service_set& services) {
  table.add(with_query<page_query, gateway_grant_page>(
      {.method = "GET",
       .pattern = "/api/v1/admin/gateways/{id}/grants",
       .operation = "listGatewayGrants",
       .summary = "Nodes that a gateway may send traffic to, and its newest key at each.",
       .wanted = access::read_only},
      [services](call& made, const page_query& query) -> answer<gateway_grant_page> {
        HTTVPS_TRY(const auto id,
                   id_of<models::gateway_id>(made, services::errc::gateway_not_found));
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.gateways.grants(id, wanted));
        return to_page<gateway_grant_page>(found, [](const auto& one) { return view_of(one); });
      }));
  add_held_usage_route(table, services);
}

}
