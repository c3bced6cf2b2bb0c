#include "amendments.hpp"
#include "httvps/backend/schemas/life_cycle_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::gateway_change_request;
using schemas::node_change_request;
using services::errc;
using tagged_gateway = tagged<schemas::gateway_view>;
using tagged_node = tagged<schemas::node_view>;

constexpr std::string_view one_node = "/api/v1/admin/nodes/{id}";
constexpr std::string_view one_gateway = "/api/v1/admin/gateways/{id}";

answer<models::node_id> node_id_of(call& made) {
  made.notes.node_id = made.id;
  return id_of<models::node_id>(made, errc::node_not_found);
}

answer<models::gateway_id> gateway_id_of(const call& made) {
  return id_of<models::gateway_id>(made, errc::gateway_not_found);
}

route demanding(route one) {
  one.wanted = access::admin;
  one.tags = tag_rule::demanded;
  return one;
}

services::node_amendment amendment_of(const node_change_request& wanted) {
  services::node_amendment made{
      .name = changed_text(wanted.name),
      .region = changed_text(wanted.region),
      .weight = changed_number<std::uint32_t>(wanted.weight),
      .state = wanted.state.given,
      .capacity_bps = changed_optional_number<std::uint64_t>(wanted.capacity_bps),
      .max_sessions = changed_optional_number<std::uint64_t>(wanted.max_sessions),
      .key_limit_bytes = changed_optional_number<std::uint64_t>(wanted.key_limit_bytes)};
  if (wanted.labels.given) {
    auto& labels = made.labels.emplace();
    for (const auto& each : wanted.labels.given->items) {
      labels.push_back(each.value);
    }
  }
  return made;
}

services::gateway_amendment amendment_of(const gateway_change_request& wanted) {
  return {.name = changed_text(wanted.name),
          .weight = changed_number<std::uint32_t>(wanted.weight),
          .capacity_bps = changed_optional_number<std::uint64_t>(wanted.capacity_bps),
          .max_sessions = changed_optional_number<std::uint64_t>(wanted.max_sessions)};
}

struct node_removal_query {
  static constexpr std::string_view schema_name = "NodeRemovalQuery";

  std::optional<schemas::whole<schemas::number_range{0, 1}>> force;
};
BOOST_DESCRIBE_STRUCT(node_removal_query, (), (force))

services::removal_rule rule_of(const node_removal_query& query) {
  return query.force && query.force->value == 1 ? services::removal_rule::forced
                                                : services::removal_rule::orderly;
}

problem refused_change(const std::error_code& cause) {
  return cause == errc::region_not_found
             ? problem::invalid_fields(
                   {{.pointer = "/region", .code = "region_not_found", .detail = cause.message()}})
             : problem(cause);
}

route node_removal(const service_set& services) {
  auto one = removal(demanding({.pattern = std::string(one_node),
                                .operation = "deleteNode",
                                .summary = "Removes a drained or disabled node and its secrets."}),
                     [services](call& made) -> answer<void> {
                       const auto query = read_query<node_removal_query>(made.query);
                       if (!query) {
                         return std::unexpected(query.error());
                       }
                       HTTVPS_TRY(const auto id, node_id_of(made));
                       return answer<void>(services.nodes.remove(*made.admin, id, rule_of(*query)));
                     });
  one.query_schema = schema_of<node_removal_query>();
  return one;
}

void add_node_reading(route_table& table, const service_set& services) {
  table.add(without_body<tagged_node>({.method = "GET",
                                       .pattern = std::string(one_node),
                                       .operation = "getNode",
                                       .summary = "One node with its health and keyring.",
                                       .wanted = access::read_only},
                                      [services](call& made) -> answer<tagged_node> {
                                        HTTVPS_TRY(const auto id, node_id_of(made));
                                        HTTVPS_TRY(const auto found, services.nodes.find(id));
                                        return tagged_view_of(found);
                                      }));
}

void add_node_changes(route_table& table, const service_set& services) {
  table.add(with_patch<node_change_request, tagged_node>(
      demanding(
          {.pattern = std::string(one_node),
           .operation = "changeNode",
           .summary =
               "Changes name, region, weight, state or limits; disabled takes its keys away."}),
      [services](call& made, const node_change_request& wanted) -> answer<tagged_node> {
        HTTVPS_TRY(const auto id, node_id_of(made));
        const auto changed = services.nodes.change(*made.admin, id, amendment_of(wanted));
        if (!changed) {
          return std::unexpected(refused_change(changed.error()));
        }
        return tagged_view_of(*changed);
      }));
  table.add(node_removal(services));
}

using node_action = base::result<services::node_report> (services::node_service::*)(
    const services::admin_actor&, const models::node_id&) const;

route node_action_route(const service_set& services, route one, node_action action) {
  one.method = "POST";
  one.wanted = access::admin;
  return without_body<tagged_node>(
      std::move(one), [services, action](call& made) -> answer<tagged_node> {
        HTTVPS_TRY(const auto id, node_id_of(made));
        HTTVPS_TRY(const auto report, (services.nodes.*action)(*made.admin, id));
        return tagged_view_of(report);
      });
}

void add_node_actions(route_table& table, const service_set& services) {
  table.add(node_action_route(
      services,
      {.pattern = "/api/v1/admin/nodes/{id}:drain",
       .operation = "drainNode",
       .summary = "Gives the node to nobody new; running leases and streams live on.",
       .is_for_operations = true},
      &services::node_service::drain));
  table.add(node_action_route(services,
                              {.pattern = "/api/v1/admin/nodes/{id}:undrain",
                               .operation = "undrainNode",
                               .summary = "Ends a drain: the node is given to devices again.",
                               .is_for_operations = true},
                              &services::node_service::undrain));
}

void add_gateway_life_cycle(route_table& table, const service_set& services) {
  table.add(without_body<tagged_gateway>({.method = "GET",
                                          .pattern = std::string(one_gateway),
                                          .operation = "getGateway",
                                          .summary = "One gateway with its last heartbeat.",
                                          .wanted = access::read_only},
                                         [services](call& made) -> answer<tagged_gateway> {
                                           HTTVPS_TRY(const auto id, gateway_id_of(made));
                                           HTTVPS_TRY(const auto found, services.gateways.find(id));
                                           return tagged_view_of(found);
                                         }));
  table.add(with_patch<gateway_change_request, tagged_gateway>(
      demanding({.pattern = std::string(one_gateway),
                 .operation = "changeGateway",
                 .summary = "Changes the name of a gateway, its weight or its capacity."}),
      [services](call& made, const gateway_change_request& wanted) -> answer<tagged_gateway> {
        HTTVPS_TRY(const auto id, gateway_id_of(made));
        HTTVPS_TRY(const auto changed,
                   services.gateways.change(*made.admin, id, amendment_of(wanted)));
        return tagged_view_of(changed);
      }));
  table.add(
      removal(demanding({.pattern = std::string(one_gateway),
                         .operation = "deleteGateway",
                         .summary = "Removes a gateway: its credential and its keys end at once."}),
              [services](call& made) -> answer<void> {
                HTTVPS_TRY(const auto id, gateway_id_of(made));
                return answer<void>(services.gateways.remove(*made.admin, id));
              }));
}

struct access_key_query {
  static constexpr std::string_view schema_name = "AccessKeyQuery";

  std::optional<models::node_id> node_id;
  std::optional<models::gateway_id> gateway_id;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(access_key_query, (), (node_id, gateway_id, page_size, page_token))

schemas::access_key_view view_of(const models::gateway_key& key, base::system_time now) {
  return {.id = key.id,
          .node_id = key.node,
          .gateway_id = key.gateway,
          .generation = key.generation,
          .state = key.state,
          .method = key.method,
          .age_s = std::max<std::int64_t>(
              std::chrono::duration_cast<std::chrono::seconds>(now - key.created_at).count(), 0),
          .created_at = key.created_at,
          .activated_at = optional_field<schemas::moment>(key.activated_at),
          .retire_at = optional_field<schemas::moment>(key.retire_at),
          .removed_at = optional_field<schemas::moment>(key.removed_at),
          .handed_at = optional_field<schemas::moment>(key.handed_at)};
}

void add_access_key_routes(route_table& table, const service_set& services,
                           const base::clock& clock) {
  table.add(with_query<access_key_query, schemas::access_key_page>(
      {.method = "GET",
       .pattern = "/api/v1/admin/access-keys",
       .operation = "listAccessKeys",
       .summary = "Access keys of gateways on nodes: state and age, never the secret.",
       .wanted = access::read_only},
      [services, &clock](call&, const access_key_query& query) -> answer<schemas::access_key_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(
            const auto found,
            services.keys.list({.node = query.node_id, .gateway = query.gateway_id}, wanted));
        return to_page<schemas::access_key_page>(
            found, [&clock](const auto& one) { return view_of(one, clock.system_now()); });
      }));
  table.add(without_body<schemas::access_key_view>(
      {.method = "GET",
       .pattern = "/api/v1/admin/access-keys/{id}",
       .operation = "getAccessKey",
       .summary = "One access key: state and age, never the secret.",
       .wanted = access::read_only},
      [services, &clock](call& made) -> answer<schemas::access_key_view> {
        HTTVPS_TRY(const auto id, id_of<models::access_key_id>(made, errc::access_key_not_found));
        HTTVPS_TRY(const auto found, services.keys.find(id));
        return view_of(found, clock.system_now());
      }));
}

}

void add_life_cycle_routes(route_table& table, const service_set& services,
                           const base::clock& clock) {
  add_node_reading(table, services);
  add_node_changes(table, services);
  add_node_actions(table, services);
  add_gateway_life_cycle(table, services);
  add_access_key_routes(table, services, clock);
}

}
