#include <algorithm>
#include <cmath>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/schemas/selection_documents.hpp"
#include "httvps/backend/schemas/session_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "path_id.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using services::errc;

std::int64_t in_thousandths(double value) {
  return std::llround(value * 1000);
}

schemas::assigned_candidate view_of(const services::node_candidate& one, double best) {
  const double share = best > 0 ? one.weight / best : 1;
  return {.node_id = one.node.id,
          .name = one.node.name,
          .host = one.node.host,
          .port = one.node.port,
          .method = one.method,
          .sealed_key = one.sealed_key,
          .weight = std::clamp<std::int64_t>(in_thousandths(share), 1, 1000)};
}

schemas::assign_answer view_of(const services::assigned_node& assigned) {
  const auto& first = assigned.first;
  schemas::assign_answer view{.node_id = first.node.id,
                              .name = first.node.name,
                              .host = first.node.host,
                              .port = first.node.port,
                              .method = first.method,
                              .sealed_key = first.sealed_key,
                              .lease_until = assigned.lease_until,
                              .nodes = {}};
  double best = first.weight;
  for (const auto& each : assigned.reserves) {
    best = std::max(best, each.weight);
  }
  view.nodes.items.push_back(view_of(first, best));
  for (const auto& each : assigned.reserves) {
    view.nodes.items.push_back(view_of(each, best));
  }
  return view;
}

route assign_route(const service_set& services, const std::shared_ptr<fleet_meter>& meter) {
  return with_body<schemas::assign_request, schemas::assign_answer>(
      {.method = "POST",
       .pattern = "/api/v1/nodes/assign-outline",
       .operation = "assignOutline",
       .summary = "The Outline node for a device and up to two reserves, with their access keys "
                  "sealed to the gateway.",
       .wanted = access::gateway},
      [services, meter](call& made,
                        const schemas::assign_request& wanted) -> answer<schemas::assign_answer> {
        HTTVPS_TRY(const auto assigned,
                   services.nodes.assign(*made.gateway, {.token = wanted.token.value,
                                                         .region = wanted.region.value}));
        made.notes.device_id = assigned.device.text();
        made.notes.node_id = assigned.first.node.id.text();
        made.notes.outcome = models::enum_text(assigned.reason);
        meter->note_assignment(assigned.region, assigned.reason);
        return view_of(assigned);
      });
}

std::vector<selection::connect_outcome> outcomes_of(const schemas::outcomes_request& sent) {
  std::vector<selection::connect_outcome> seen;
  for (const auto& each : sent.nodes.items) {
    seen.push_back({.member = each.node_id.text(),
                    .succeeded = each.succeeded.as<std::uint64_t>(),
                    .failed = each.failed.as<std::uint64_t>(),
                    .round_trip = {}});
    if (each.connect_us) {
      seen.back().round_trip = std::chrono::microseconds(each.connect_us->value);
    }
  }
  return seen;
}

route outcomes_route(const service_set& services) {
  return with_body<schemas::outcomes_request, schemas::outcomes_answer>(
      {.method = "POST",
       .pattern = "/api/v1/gateway/outcomes",
       .operation = "reportOutcomes",
       .summary = "How connects to nodes went since the last report of this gateway.",
       .wanted = access::gateway},
      [services](call& made,
                 const schemas::outcomes_request& sent) -> answer<schemas::outcomes_answer> {
        HTTVPS_CHECK(services.nodes.outcomes(*made.gateway, outcomes_of(sent)));
        return schemas::outcomes_answer{};
      });
}

schemas::weight_view view_of(const selection::weight_factors& factors) {
  return {.weight = in_thousandths(factors.weight()),
          .admin = in_thousandths(factors.admin),
          .headroom = {factors.headroom},
          .quality = {factors.quality},
          .nearness = {factors.nearness},
          .slow_start = {factors.slow_start},
          .freshness = {factors.freshness}};
}

schemas::explained_candidate view_of(const services::candidate_view& one) {
  const auto& standing = one.standing;
  schemas::explained_candidate view{
      .node_id = models::node_id::trusted(standing.id),
      .failure_domain = standing.domain,
      .obstacle = models::parse_enum<schemas::node_obstacle>(models::enum_text(standing.unfit))
                      .value_or(schemas::node_obstacle::none),
      .granted = one.is_granted,
      .utilisation = {},
      .ejected_for_s =
          std::chrono::duration_cast<std::chrono::seconds>(standing.ejected_for).count(),
      .factors = view_of(standing.factors)};
  if (standing.utilisation) {
    view.utilisation = schemas::load{*standing.utilisation};
  }
  return view;
}

std::string_view sentence_of(selection::choice_reason reason) {
  switch (reason) {
    case selection::choice_reason::kept:
      return "The lease runs and the node is healthy and at least half as good as the best.";
    case selection::choice_reason::running_out:
      return "The node takes nothing new; the lease is kept until it ends.";
    case selection::choice_reason::first:
      return "No lease runs; the next node in the rotation is taken.";
    case selection::choice_reason::unhealthy:
      return "The node of the lease is silent; the next in the rotation is taken.";
    case selection::choice_reason::ejected:
      return "Connects to the node of the lease fail; the next in the rotation is taken.";
    case selection::choice_reason::outweighed:
      return "The node of the lease is less than half as good as the best; the next is taken.";
    case selection::choice_reason::withdrawn:
      return "The node of the lease is not for this gateway and region any more.";
  }
  return "";
}

std::string_view sentence_about_gateway(selection::choice_reason reason) {
  switch (reason) {
    case selection::choice_reason::kept:
      return "The gateway that the device uses is healthy and at least half as good as the best.";
    case selection::choice_reason::running_out:
      return "The gateway that the device uses is falling silent; it is kept until it is out.";
    case selection::choice_reason::first:
      return "The device uses none of these gateways; the next in the rotation is taken.";
    case selection::choice_reason::unhealthy:
      return "The gateway that the device uses is silent; the next in the rotation is taken.";
    case selection::choice_reason::outweighed:
      return "The gateway that the device uses is less than half as good as the best.";
    case selection::choice_reason::ejected:
    case selection::choice_reason::withdrawn:
      break;
  }
  return "The gateway that the device uses is not for this region any more.";
}

schemas::explained_gateway view_of(const selection::standing& one,
                                   const models::gateway_id& asked) {
  schemas::explained_gateway view{
      .gateway_id = models::gateway_id::trusted(one.id),
      .failure_domain = one.domain,
      .obstacle = models::parse_enum<schemas::node_obstacle>(models::enum_text(one.unfit))
                      .value_or(schemas::node_obstacle::none),
      .asked = one.id == asked.text(),
      .utilisation = {},
      .factors = view_of(one.factors)};
  if (one.utilisation) {
    view.utilisation = schemas::load{*one.utilisation};
  }
  return view;
}

schemas::gateways_explained view_of(const services::gateway_explanation& told,
                                    const models::gateway_id& asked) {
  const auto& choice = told.choice;
  schemas::gateways_explained view{.region = choice.region,
                                   .reason = {},
                                   .sentence = "No gateway that the plan covers is fit.",
                                   .would_be_told = {},
                                   .candidates = {}};
  if (!choice.gateways.empty()) {
    view.reason = models::parse_enum<schemas::assignment_reason>(models::enum_text(choice.reason));
    view.sentence = std::string(sentence_about_gateway(choice.reason));
  }
  for (const auto& id : told.told) {
    view.would_be_told.items.push_back(id);
  }
  for (const auto& each : told.candidates) {
    view.candidates.items.push_back(view_of(each, asked));
  }
  return view;
}

schemas::assignment_explained view_of(const services::assignment_explanation& explained) {
  schemas::assignment_explained view{
      .device_id = explained.device,
      .gateway_id = explained.current->gateway,
      .region = explained.current->region,
      .node_id = explained.current->node,
      .lease_until = explained.current->lease_until,
      .reason = {},
      .sentence = "No node of this region is fit.",
      .would_get = {},
      .candidates = {},
      .regions = {},
      .gateways = view_of(explained.gateways, explained.current->gateway)};
  if (const auto& choice = explained.told.choice) {
    view.reason = models::parse_enum<schemas::assignment_reason>(models::enum_text(choice->reason));
    view.sentence = std::string(sentence_of(choice->reason));
    view.would_get.items = choice->nodes;
  }
  for (const auto& each : explained.told.candidates) {
    view.candidates.items.push_back(view_of(each));
  }
  for (const auto& each : explained.told.regions) {
    view.regions.items.push_back(
        {.code = each.code, .free = {each.share}, .panicking = each.is_panicking});
  }
  return view;
}

route explain_route(const service_set& services) {
  return without_body<schemas::assignment_explained>(
      {.method = "GET",
       .pattern = "/api/v1/admin/devices/{id}/assignment:explain",
       .operation = "explainAssignment",
       .summary = "Why a device has its node and gateways, what it would get now, and all weights.",
       .wanted = access::read_only},
      [services](call& made) -> answer<schemas::assignment_explained> {
        HTTVPS_TRY(const auto id, id_of<models::device_id>(made, errc::device_not_found));
        made.notes.device_id = id.text();
        HTTVPS_TRY(const auto explained, services.nodes.explain(id));
        return view_of(explained);
      });
}

}

void add_selection_routes(route_table& table, const service_set& services,
                          const std::shared_ptr<fleet_meter>& meter) {
  table.add(assign_route(services, meter));
  table.add(outcomes_route(services));
  table.add(explain_route(services));
}

}
