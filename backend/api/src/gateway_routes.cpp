#include "httvps/backend/schemas/gateway_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

using services::errc;

services::join_order order_of(const schemas::join_request& wanted) {
  services::join_order order{.secret = wanted.secret.value,
                             .name = wanted.name.value,
                             .region = wanted.region.value,
                             .host = wanted.host.value,
                             .addresses = {},
                             .pins = {},
                             .x25519_public = wanted.x25519_public.value};
  for (const auto& address : wanted.addresses.items) {
    order.addresses.push_back(address.value);
  }
  for (const auto& pin : wanted.pins.items) {
    order.pins.push_back(pin.value);
  }
  return order;
}

schemas::join_answer view_of(const services::joined_gateway& joined) {
  return {.gateway_id = joined.gateway.id,
          .credential = joined.credential,
          .state = joined.gateway.state,
          .path = joined.gateway.path,
          .cookie = joined.gateway.cookie,
          .root = joined.root,
          .key_set = joined.key_set};
}

schemas::gateway_config_answer view_of(const services::gateway_config& config) {
  schemas::gateway_config_answer view{.rev = config.rev,
                                      .state = config.gateway.state,
                                      .path = config.gateway.path,
                                      .cookie = config.gateway.cookie,
                                      .key_set = config.key_set,
                                      .config = config.config,
                                      .policy = config.policy,
                                      .revocation_version = config.withdrawn.version,
                                      .revoked_devices = {.items = config.withdrawn.devices},
                                      .suspended_devices = {},
                                      .draining = config.gateway.draining_since.has_value(),
                                      .node_keys_version = config.node_keys.version,
                                      .rotated_nodes = {}};
  for (const auto& each : config.withdrawn.suspended) {
    view.suspended_devices.items.push_back({.device_id = each.device, .reason = each.reason});
  }
  for (const auto& node : config.node_keys.changed) {
    view.rotated_nodes.items.push_back(models::node_id::trusted(node));
  }
  return view;
}

schemas::successors_item view_of(const services::device_successors& one) {
  return {.device_id = one.device, .gateways = {.items = one.gateways}};
}

template <typename Heartbeat>
models::heartbeat to_heartbeat(const Heartbeat& sent, base::system_time now) {
  return {.received_at = now,
          .region = sent.region.value,
          .uptime_seconds = sent.uptime_sec.template as<std::uint64_t>(),
          .active_sessions = sent.active_sessions.template as<std::uint64_t>(),
          .cpu_load = sent.cpu_load.value,
          .mem_load = sent.mem_load.value,
          .bytes_up = sent.bytes_up.template as<std::uint64_t>(),
          .bytes_down = sent.bytes_down.template as<std::uint64_t>(),
          .last_error = sent.last_error ? sent.last_error->value : "",
          .sent_at = sent.timestamp.value};
}

route join_route(const service_set& services) {
  return with_body<schemas::join_request, schemas::join_answer>(
      {.method = "POST",
       .pattern = "/api/v1/gateway/join",
       .operation = "joinGateway",
       .summary = "A gateway joins with the shared secret or a one-use join token.",
       .wanted = access::joining},
      [services](call& made, const schemas::join_request& wanted) -> answer<schemas::join_answer> {
        HTTVPS_TRY(const auto joined, services.gateways.join(order_of(wanted)));
        made.notes.actor = joined.gateway.id.text();
        return view_of(joined);
      });
}

bool may_wait(const call& made, const schemas::gateway_config_query& query) {
  return made.turn == poll_turn::first && query.wait && query.wait->value > 0;
}

held_poll held_until_change(const call& made, const schemas::gateway_config_query& query,
                            std::uint64_t revision) {
  return {.who = made.gateway->id.text(),
          .topic = std::string(gateways_topic),
          .revision = revision,
          .patience = std::chrono::seconds(query.wait->value)};
}

answer<void> await_approval(const service_set& services, call& made,
                            const schemas::gateway_config_query& query) {
  if (made.gateway->state != models::gateway_state::pending) {
    return {};
  }
  HTTVPS_TRY(const auto revision, services.gateways.revision());
  HTTVPS_TRY(const auto now, services.gateways.find(made.gateway->id));
  made.gateway = now.gateway;
  if (now.gateway.state == models::gateway_state::approved) {
    return {};
  }
  if (may_wait(made, query)) {
    made.held = held_until_change(made, query, revision);
  }
  return std::unexpected(problem(errc::gateway_pending));
}

answer<plain_body> answer_poll(const service_set& services, call& made) {
  const auto query = read_query<schemas::gateway_config_query>(made.query);
  if (!query) {
    return std::unexpected(query.error());
  }
  HTTVPS_CHECK(await_approval(services, made, *query));
  const auto known = query->rev ? std::optional(query->rev->as<std::uint64_t>()) : std::nullopt;
  HTTVPS_TRY(const auto config, services.gateways.config(*made.gateway, known));
  if (config) {
    const bool all = config->withdrawn.devices.size() < services::most_withdrawn_devices;
    made.notes.outcome = all ? "told" : "revocations_full";
    return to_body(answer<schemas::gateway_config_answer>(view_of(*config)));
  }
  if (may_wait(made, *query)) {
    made.held = held_until_change(made, *query, *known);
  }
  return nothing_new();
}

route config_route(const service_set& services) {
  route one{.method = "GET",
            .pattern = "/api/v1/gateway/config",
            .operation = "getGatewayConfig",
            .summary = "What an approved gateway must know, at once or when it differs from rev.",
            .wanted = access::waiting_gateway,
            .runs_at = work_place::long_poll};
  one.query_schema = schema_of<schemas::gateway_config_query>();
  one.answer_schema = schema_of<schemas::gateway_config_answer>();
  one.handle = [services](call& made) { return answer_poll(services, made); };
  return one;
}

struct heartbeat_facts {
  base::system_time now;
  std::uint64_t key_set_version = 0;
};

schemas::gateway_heartbeat_answer answer_of(const services::gateway_news& news,
                                            const heartbeat_facts& facts) {
  schemas::gateway_heartbeat_answer answer{.server_time = facts.now,
                                           .key_set_version = facts.key_set_version,
                                           .revocation_version = news.revocation_version,
                                           .terms_version = news.terms.version,
                                           .terms_changed = {},
                                           .credential_expires_s = {},
                                           .renew_credential = false};
  for (const auto& each : news.terms.changed) {
    answer.terms_changed.items.emplace_back(each);
  }
  return answer;
}

route heartbeat_route(const service_set& services, const base::clock& clock) {
  using schemas::gateway_heartbeat_answer;
  using schemas::gateway_heartbeat_request;
  return with_body<gateway_heartbeat_request, gateway_heartbeat_answer>(
      {.method = "POST",
       .pattern = "/api/v1/gateway/heartbeat",
       .operation = "sendGatewayHeartbeat",
       .summary = "A gateway tells that it lives and how much it carries.",
       .wanted = access::gateway},
      [services, &clock](
          call& made, const gateway_heartbeat_request& sent) -> answer<gateway_heartbeat_answer> {
        if (sent.node_id != made.gateway->id) {
          return std::unexpected(problem(errc::gateway_mismatch));
        }
        const auto now = clock.system_now();
        auto beat = to_heartbeat(sent, now);
        beat.phase = sent.state.value_or(models::service_phase::serving);
        HTTVPS_CHECK(services.gateways.heartbeat(*made.gateway, beat));
        HTTVPS_TRY(const auto news, services.withdrawals.news());
        auto answer =
            answer_of(news, {.now = now, .key_set_version = services.authority.key_set_version()});
        answer.credential_expires_s = seconds_left(*made.credential, now);
        answer.renew_credential = services.credentials.is_due(*made.credential);
        return answer;
      });
}

route successors_route(const service_set& services) {
  return with_body<schemas::successors_request, schemas::successors_answer>(
      {.method = "POST",
       .pattern = "/api/v1/gateway/successors",
       .operation = "findSuccessors",
       .summary = "The other gateways that each device knows, for a gateway that drains.",
       .wanted = access::gateway},
      [services](call& made,
                 const schemas::successors_request& wanted) -> answer<schemas::successors_answer> {
        HTTVPS_TRY(const auto found,
                   services.gateways.successors(*made.gateway, wanted.devices.items));
        schemas::successors_answer told;
        for (const auto& each : found) {
          told.items.items.push_back(view_of(each));
        }
        return told;
      });
}

route node_heartbeat_route(const service_set& services, const base::clock& clock) {
  using schemas::node_heartbeat_answer;
  using schemas::node_heartbeat_request;
  return with_body<node_heartbeat_request, node_heartbeat_answer>(
      {.method = "POST",
       .pattern = "/api/v1/outline/heartbeat",
       .operation = "sendNodeHeartbeat",
       .summary = "The agent beside an Outline server tells that the node lives.",
       .wanted = access::node},
      [services, &clock](call& made,
                         const node_heartbeat_request& sent) -> answer<node_heartbeat_answer> {
        if (sent.node_id != made.node->id) {
          return std::unexpected(problem(errc::node_mismatch));
        }
        const auto now = clock.system_now();
        HTTVPS_CHECK(services.nodes.heartbeat(*made.node, to_heartbeat(sent, now)));
        return node_heartbeat_answer{
            .server_time = now,
            .credential_expires_s = seconds_left(*made.credential, now),
            .renew_credential = services.credentials.is_due(*made.credential)};
      });
}

}

void add_gateway_routes(route_table& table, const service_set& services, const base::clock& clock) {
  table.add(join_route(services));
  table.add(config_route(services));
  table.add(heartbeat_route(services, clock));
  table.add(successors_route(services));
  table.add(node_heartbeat_route(services, clock));
}

}
