#include "httvps/backend/schemas/outline_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

using services::errc;

struct outline_config_query {
  static constexpr std::string_view schema_name = "OutlineConfigQuery";

  schemas::revision_number rev;
  schemas::whole<schemas::number_range{0, 60}> wait;
  schemas::bytes_text<32> x25519_public;
};
BOOST_DESCRIBE_STRUCT(outline_config_query, (), (rev, wait, x25519_public))

schemas::outline_config_answer view_of(const models::node& node,
                                       const services::wanted_list& list) {
  schemas::outline_config_answer answer{
      .rev = list.revision, .node_id = node.id, .region = node.region, .keys = {}};
  for (const auto& key : list.keys) {
    answer.keys.items.push_back({.key_id = key.id,
                                 .generation = key.generation,
                                 .cipher = key.method,
                                 .sealed_secret = key.sealed_secret});
  }
  return answer;
}

services::key_acknowledgement told_by(const schemas::keys_ack_request& sent) {
  const bool runs = sent.state == schemas::key_verdict::running;
  services::key_acknowledgement told{
      .revision = sent.rev.as<std::uint64_t>(),
      .verdict = runs ? services::rollout_verdict::running : services::rollout_verdict::failed,
      .reason = sent.reason.value,
      .key_ids = {}};
  for (const auto& id : sent.key_ids.items) {
    told.key_ids.push_back(id.value);
  }
  return told;
}

services::counter_report report_in(const schemas::counters_request& sent) {
  services::counter_report report{.epoch = sent.epoch.value, .rows = {}};
  for (const auto& row : sent.rows.items) {
    report.rows.push_back({.key_id = row.key_id.value,
                           .counted = {.up = row.up.as<base::byte_count>(),
                                       .down = row.down.as<base::byte_count>(),
                                       .wire_up = row.wire_up.as<base::byte_count>(),
                                       .wire_down = row.wire_down.as<base::byte_count>()}});
  }
  return report;
}

answer<plain_body> answer_poll(const service_set& services, call& made) {
  const auto query = read_query<outline_config_query>(made.query);
  if (!query) {
    return std::unexpected(query.error());
  }
  const auto held = query->rev.as<std::uint64_t>();
  HTTVPS_TRY(const auto list,
             services.keys.wanted(
                 *made.node, {.held_revision = held, .x25519_public = query->x25519_public.value}));
  if (list) {
    return to_body(answer<schemas::outline_config_answer>(view_of(*made.node, *list)));
  }
  if (made.turn == poll_turn::first && query->wait.value > 0) {
    made.held = held_poll{.who = made.node->id.text(),
                          .topic = made.node->id.text(),
                          .revision = held,
                          .patience = std::chrono::seconds(query->wait.value)};
  }
  return nothing_new();
}

route config_route(const service_set& services) {
  route one{.method = "GET",
            .pattern = "/api/v1/outline/config",
            .operation = "getOutlineConfig",
            .summary =
                "The keys that a node is to accept, sealed to its agent; waits until they "
                "differ from rev, and answers 304 when they do not.",
            .wanted = access::node,
            .runs_at = work_place::long_poll};
  one.query_schema = schema_of<outline_config_query>();
  one.answer_schema = schema_of<schemas::outline_config_answer>();
  one.handle = [services](call& made) { return answer_poll(services, made); };
  return one;
}

route ack_route(const service_set& services, const base::clock& clock) {
  return with_body<schemas::keys_ack_request, schemas::keys_ack_answer>(
      {.method = "POST",
       .pattern = "/api/v1/outline/keys:ack",
       .operation = "acknowledgeOutlineKeys",
       .summary = "The agent tells that a revision of the keys runs or could not be brought up.",
       .wanted = access::node},
      [services, &clock](
          call& made, const schemas::keys_ack_request& sent) -> answer<schemas::keys_ack_answer> {
        HTTVPS_CHECK(services.keys.acknowledge(*made.node, told_by(sent)));
        return schemas::keys_ack_answer{.server_time = clock.system_now()};
      });
}

route counters_route(const service_set& services, const base::clock& clock) {
  return with_body<schemas::counters_request, schemas::counters_answer>(
      {.method = "POST",
       .pattern = "/api/v1/outline/counters",
       .operation = "reportOutlineCounters",
       .summary = "Cumulative traffic of each key of a node.",
       .wanted = access::node},
      [services, &clock](
          call& made, const schemas::counters_request& sent) -> answer<schemas::counters_answer> {
        HTTVPS_CHECK(services.keys.count(*made.node, report_in(sent)));
        return schemas::counters_answer{.server_time = clock.system_now()};
      });
}

schemas::rotation_answer view_of(const services::key_rotation& made) {
  return {.removed = made.removed, .issued = made.issued};
}

route node_rotation_route(const service_set& services) {
  return without_body<schemas::rotation_answer>(
      {.method = "POST",
       .pattern = "/api/v1/admin/nodes/{id}:rotate-keys",
       .operation = "rotateNodeKeys",
       .summary = "Takes every key off a node at once and makes new ones.",
       .wanted = access::admin},
      [services](call& made) -> answer<schemas::rotation_answer> {
        HTTVPS_TRY(const auto id, id_of<models::node_id>(made, errc::node_not_found));
        HTTVPS_TRY(const auto rotated, services.keys.rotate_node(*made.admin, id));
        return view_of(rotated);
      });
}

route gateway_rotation_route(const service_set& services) {
  return without_body<schemas::rotation_answer>(
      {.method = "POST",
       .pattern = "/api/v1/admin/gateways/{id}:rotate-keys",
       .operation = "rotateGatewayKeys",
       .summary = "Takes every key of a gateway off all nodes at once and makes new ones.",
       .wanted = access::admin},
      [services](call& made) -> answer<schemas::rotation_answer> {
        HTTVPS_TRY(const auto id, id_of<models::gateway_id>(made, errc::gateway_not_found));
        HTTVPS_TRY(const auto rotated, services.keys.rotate_gateway(*made.admin, id));
        return view_of(rotated);
      });
}

}

void add_outline_routes(route_table& table, const service_set& services, const base::clock& clock) {
  table.add(config_route(services));
  table.add(ack_route(services, clock));
  table.add(counters_route(services, clock));
  table.add(node_rotation_route(services));
  table.add(gateway_rotation_route(services));
}

}
