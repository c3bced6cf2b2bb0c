#include "httvps/backend/services/errc.hpp"
#include "paging.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "step_up.hpp"
#include "tagged_views.hpp"

namespace httvps::backend::api {
namespace {

using services::errc;

struct usage_query {
  static constexpr std::string_view schema_name = "UsageQuery";

  std::optional<models::device_id> device_id;
  std::optional<models::node_id> node_id;
  std::optional<schemas::day_text> first_day;
  std::optional<schemas::day_text> last_day;
  std::optional<page_size> page_size;
  std::optional<schemas::page_token> page_token;
};
BOOST_DESCRIBE_STRUCT(usage_query, (),
                      (device_id, node_id, first_day, last_day, page_size, page_token))

services::usage_filter filter_of(const usage_query& query) {
  return {.device = query.device_id,
          .node = query.node_id,
          .first_day = query.first_day ? query.first_day->value : "0000-01-01",
          .last_day = query.last_day ? query.last_day->value : "9999-12-31"};
}

void add_terms(services::new_node& made, const schemas::node_request& wanted) {
  if (wanted.capacity_bps) {
    made.capacity_bps = wanted.capacity_bps->as<std::uint64_t>();
  }
  if (wanted.max_sessions) {
    made.max_sessions = wanted.max_sessions->as<std::uint64_t>();
  }
  if (wanted.key_limit_bytes) {
    made.key_limit_bytes = wanted.key_limit_bytes->as<std::uint64_t>();
  }
  if (wanted.labels) {
    for (const auto& each : wanted.labels->items) {
      made.labels.push_back(each.value);
    }
  }
}

services::new_node node_of(const schemas::node_request& wanted) {
  const auto weight = wanted.weight.value_or(schemas::small_count(1));
  services::new_node made{.name = wanted.name.value,
                          .region = wanted.region.value,
                          .weight = weight.as<std::uint32_t>()};
  if (wanted.access_key) {
    made.access_key = wanted.access_key->value;
  }
  made.host = wanted.host ? wanted.host->value : "";
  made.port = wanted.port ? wanted.port->as<std::uint16_t>() : 0;
  made.method = wanted.method ? wanted.method->value : "";
  if (wanted.management_url) {
    made.management_url = wanted.management_url->value;
  }
  made.certificate_sha256 = wanted.cert_sha256 ? wanted.cert_sha256->value : "";
  add_terms(made, wanted);
  return made;
}

void add_node_routes(route_table& table, const service_set& services) {
  table.add(with_body<schemas::node_request, schemas::node_created>(
      {.method = "POST",
       .pattern = "/api/v1/admin/nodes",
       .operation = "createNode",
       .summary =
           "Adds an Outline node, by an access key or by host and port for an agent; shows the "
           "node credential once.",
       .wanted = access::admin,
       .success = 201},
      [services](call& made, const schemas::node_request& wanted) -> answer<schemas::node_created> {
        HTTVPS_TRY(auto created, services.nodes.add(*made.admin, node_of(wanted)));
        made.notes.node_id = created.report.node.id.text();
        return schemas::node_created{.node = view_of(created.report),
                                     .credential = std::move(created.credential)};
      }));
  table.add(with_query<page_query, schemas::node_page>(
      {.method = "GET",
       .pattern = "/api/v1/admin/nodes",
       .operation = "listNodes",
       .summary = "Lists nodes with their health.",
       .wanted = access::read_only},
      [services](call&, const page_query& query) -> answer<schemas::node_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.nodes.list(wanted));
        return to_page<schemas::node_page>(found, [](const auto& one) { return view_of(one); });
      }));
}

route invite_route(const service_set& services, const base::clock& clock) {
  return with_body<schemas::gateway_invitation_request, schemas::gateway_invitation>(
      {.method = "POST",
       .pattern = "/api/v1/admin/gateways",
       .operation = "inviteGateway",
       .summary =
           "Makes a one-use join token; the gateway that uses it is approved at once, for which a "
           "session needs a recent login, or waits when needs_approval is true.",
       .wanted = access::admin,
       .success = 201},
      [services, &clock](call& made, const schemas::gateway_invitation_request& wanted)
          -> answer<schemas::gateway_invitation> {
        services::invitation_order order{.name = wanted.name.value, .region = wanted.region.value};
        if (wanted.valid_s) {
          order.valid = std::chrono::seconds(wanted.valid_s->value);
        }
        if (wanted.needs_approval.value_or(false)) {
          order.approval = services::join_approval::by_admin;
        } else {
          HTTVPS_CHECK(require_recent_login(*made.admin, clock.system_now()));
        }
        HTTVPS_TRY(auto invited, services.gateways.invite(*made.admin, order));
        return schemas::gateway_invitation{.join_token = std::move(invited.join_token),
                                           .expires_at = invited.expires_at,
                                           .id = invited.id};
      });
}

using gateway_action = base::result<services::gateway_report> (services::gateway_service::*)(
    const services::admin_actor&, const models::gateway_id&) const;

route gateway_action_route(const service_set& services, route one, gateway_action action) {
  return without_body<tagged<schemas::gateway_view>>(
      std::move(one), [services, action](call& made) -> answer<tagged<schemas::gateway_view>> {
        HTTVPS_TRY(const auto id, id_of<models::gateway_id>(made, errc::gateway_not_found));
        HTTVPS_TRY(const auto report, (services.gateways.*action)(*made.admin, id));
        return tagged_view_of(report);
      });
}

void add_quarantine_routes(route_table& table, const service_set& services) {
  table.add(gateway_action_route(
      services,
      {.method = "POST",
       .pattern = "/api/v1/admin/gateways/{id}:quarantine",
       .operation = "quarantineGateway",
       .summary = "Cuts a gateway off: no validation, no assignments, no keys on any node.",
       .wanted = access::admin},
      &services::gateway_service::quarantine));
  table.add(gateway_action_route(services,
                                 {.method = "POST",
                                  .pattern = "/api/v1/admin/gateways/{id}:release",
                                  .operation = "releaseGateway",
                                  .summary = "Ends a gateway's quarantine; it gets new keys.",
                                  .wanted = access::admin},
                                 &services::gateway_service::release));
}

void add_drain_routes(route_table& table, const service_set& services) {
  table.add(gateway_action_route(
      services,
      {.method = "POST",
       .pattern = "/api/v1/admin/gateways/{id}:drain",
       .operation = "drainGateway",
       .summary = "Sends a gateway's devices to other gateways; it takes no new sessions.",
       .wanted = access::admin,
       .is_for_operations = true},
      &services::gateway_service::drain));
  table.add(gateway_action_route(services,
                                 {.method = "POST",
                                  .pattern = "/api/v1/admin/gateways/{id}:undrain",
                                  .operation = "undrainGateway",
                                  .summary = "Ends a drain: the gateway takes sessions again.",
                                  .wanted = access::admin,
                                  .is_for_operations = true},
                                 &services::gateway_service::undrain));
}

void add_gateway_admin_routes(route_table& table, const service_set& services,
                              const base::clock& clock) {
  table.add(invite_route(services, clock));
  table.add(with_query<page_query, schemas::gateway_page>(
      {.method = "GET",
       .pattern = "/api/v1/admin/gateways",
       .operation = "listGateways",
       .summary = "Lists gateways with their last heartbeat.",
       .wanted = access::read_only},
      [services](call&, const page_query& query) -> answer<schemas::gateway_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto found, services.gateways.list(wanted));
        return to_page<schemas::gateway_page>(found, [](const auto& one) { return view_of(one); });
      }));
  table.add(gateway_action_route(services,
                                 {.method = "POST",
                                  .pattern = "/api/v1/admin/gateways/{id}:approve",
                                  .operation = "approveGateway",
                                  .summary = "Approves a gateway that waits.",
                                  .wanted = access::admin},
                                 &services::gateway_service::approve));
  table.add(gateway_action_route(
      services,
      {.method = "POST",
       .pattern = "/api/v1/admin/gateways/{id}:reject",
       .operation = "rejectGateway",
       .summary = "Turns away a gateway that waits; release lets it wait again.",
       .wanted = access::admin},
      &services::gateway_service::reject));
}

route usage_route(const service_set& services) {
  return with_query<usage_query, schemas::usage_page>(
      {.method = "GET",
       .pattern = "/api/v1/admin/usage",
       .operation = "listUsage",
       .summary = "Traffic by day, device and node, its total and what is quarantined.",
       .wanted = access::read_only},
      [services](call&, const usage_query& query) -> answer<schemas::usage_page> {
        HTTVPS_TRY(const auto wanted, to_page_request(query.page_size, query.page_token));
        HTTVPS_TRY(const auto summary, services.usage.summary(filter_of(query), wanted));
        auto page = to_page<schemas::usage_page>(summary.rows,
                                                 [](const auto& one) { return view_of(one); });
        page.total = total_of(summary.total);
        page.quarantined = total_of(summary.quarantined);
        return page;
      });
}

}

void add_infrastructure_routes(route_table& table, const service_set& services,
                               const base::clock& clock) {
  add_node_routes(table, services);
  add_gateway_admin_routes(table, services, clock);
  add_quarantine_routes(table, services);
  add_drain_routes(table, services);
  table.add(usage_route(services));
}

}
