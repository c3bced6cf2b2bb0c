#include "httvps/backend/api/control_api.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include "call_outcome.hpp"
#include "docs_page.hpp"
#include "entity_tags.hpp"
#include "gate.hpp"
#include "keyed_calls.hpp"
#include "openapi.hpp"
#include "request_log.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

outcome not_routed(const net::http_request& request, const route_table::match& match) {
  if (match.allowed.empty()) {
    return failed(request, problems::route_not_found());
  }
  auto made = failed(request, problems::method_not_allowed());
  made.response.headers.add("Allow", match.allowed);
  return made;
}

bool is_json(const net::http_request& request) {
  const auto type = request.headers.find("Content-Type").value_or(json_type);
  const auto essence = type.substr(0, type.find_first_of("; \t"));
  return net::equals_ignoring_case(essence, json_type) &&
         request.headers.count("Content-Type") <= 1;
}

answer<void> admit(const route& found, const gate& entrance, call& made) {
  if (!found.query_schema && !made.query.empty()) {
    return std::unexpected(
        problem(400, "unknown_parameter", "This path takes no query parameters."));
  }
  if (auto refused = entrance.admit(found, made); !refused) {
    return std::unexpected(std::move(refused).error());
  }
  if (auto refused = note_condition(found, made); !refused) {
    return std::unexpected(std::move(refused).error());
  }
  const bool is_patch = found.method == "PATCH";
  if (found.request_schema && !is_patch && !is_json(made.request)) {
    return std::unexpected(problems::unsupported_media_type());
  }
  return {};
}

answer<plain_body> handled(const route& found, call& made) {
  HTTVPS_TRY(auto body, found.handle(made));
  return unless_known(made, std::move(body));
}

}

struct control_api::state {
  state(const service_set& provided, const api_surroundings& around)
      : clock(around.clock),
        proxies(around.proxies),
        entrance(provided, around),
        keyed(provided.idempotency, around.metrics),
        log(around.metrics, around.log),
        counters(make_session_counters(around.metrics)),
        meter(std::make_shared<fleet_meter>(around.metrics, around.log, provided.fleet)) {
    provided.fleet.set_watch(
        [kept = meter](services::fleet_side side, const selection::pool_event& event) {
          kept->note_event(side, event);
        });
    add_machine_routes(provided, around);
    add_admin_routes(table, provided);
    add_login_routes(table, provided, around);
    add_own_account_routes(table, provided, around);
    add_admin_token_routes(table, provided);
    add_audit_routes(table, provided);
    add_account_routes(table, provided);
    add_user_routes(table, provided);
    add_plan_routes(table, provided);
    add_subscription_routes(table, provided);
    add_enrolment_routes(table, provided, around.clock);
    add_enrolment_code_routes(table, provided, around);
    add_infrastructure_routes(table, provided, around.clock);
    add_join_token_routes(table, provided, around.clock);
    add_usage_hour_routes(table, provided);
    add_usage_proof_routes(table, provided);
    add_overview_routes(table, provided, around.clock);
    add_region_routes(table, provided);
    add_settings_routes(table, provided);
    add_life_cycle_routes(table, provided, around.clock);
    add_key_routes(table, provided);
    add_outline_routes(table, provided, around.clock);
    add_quota_routes(table, provided, around.metrics);
    add_withdrawal_routes(table, provided);
    add_public_routes(table, provided,
                      {.metrics = [&metrics = around.metrics] { return metrics.expose(); },
                       .openapi = [this] { return description; },
                       .docs = [this] { return docs; },
                       .program = around.program});
    description = openapi_document(table);
    docs = docs_page(description);
  }

  void add_machine_routes(const service_set& provided, const api_surroundings& around) {
    add_gateway_routes(table, provided, around.clock);
    add_place_routes(table, provided);
    add_policy_routes(table, provided);
    add_session_routes(table, provided, counters);
    add_selection_routes(table, provided, meter);
    add_credential_routes(table, provided, around.clock);
    add_device_routes(table, provided);
    add_own_device_routes(table, provided);
  }

  struct visit {
    const route* found = nullptr;
    std::optional<call> made = std::nullopt;
    outcome finished = {.response = {}, .notes = {}};
  };
  visit begin(const net::http_request& request, poll_turn turn) const;
  outcome end(visit visited) const;
  outcome serve(const route& found, call& made);
  void serve_together(std::vector<visit>& visits);
  outcome answer_to(const net::http_request& request, poll_turn turn);
  void record(const net::http_request& request, const outcome& finished, base::duration took);

  const base::clock& clock;
  trusted_proxies proxies;
  gate entrance;
  keyed_calls keyed;
  request_log log;
  session_counters counters;
  std::shared_ptr<fleet_meter> meter;
  route_table table;
  std::string description;
  std::string docs;
};

outcome control_api::state::serve(const route& found, call& made) {
  if (const auto admitted = admit(found, entrance, made); !admitted) {
    return failed(made.request, admitted.error());
  }
  return keyed.serve(found, made, [&] {
    auto body = handled(found, made);
    return body ? outcome{.response = success(found, *std::move(body)), .notes = {}}
                : failed(made.request, body.error());
  });
}

control_api::state::visit control_api::state::begin(const net::http_request& request,
                                                    poll_turn turn) const {
  auto target = split_target(request.target);
  if (!target) {
    return {.finished = failed(request, target.error())};
  }
  const auto method = request.method == "HEAD" ? std::string_view("GET") : request.method;
  auto match = table.find(method, target->path);
  if (match.found == nullptr) {
    return {.finished = not_routed(request, match)};
  }
  return {.found = match.found,
          .made = call{.request = request,
                       .path = std::move(target->path),
                       .id = std::move(match.id),
                       .query = std::move(target->query),
                       .client_address = proxies.client_of(request),
                       .turn = turn}};
}

outcome control_api::state::end(visit visited) const {
  auto& [found, made, finished] = visited;
  if (found == nullptr) {
    return std::move(finished);
  }
  if (finished.response.status < 400 && made->rate) {
    finished.response.headers.add("RateLimit-Policy", std::move(made->rate->policy));
    finished.response.headers.add("RateLimit", std::move(made->rate->state));
  }
  finished.route = found->pattern;
  finished.notes = std::move(made->notes);
  finished.held = std::move(made->held);
  return std::move(finished);
}

outcome control_api::state::answer_to(const net::http_request& request, poll_turn turn) {
  auto visited = begin(request, turn);
  if (visited.found != nullptr) {
    visited.finished = serve(*visited.found, *visited.made);
  }
  return end(std::move(visited));
}

void control_api::state::serve_together(std::vector<visit>& visits) {
  std::map<const route*, std::vector<visit*>> groups;
  for (auto& each : visits) {
    if (each.found == nullptr) {
      continue;
    }
    if (!each.found->handle_together) {
      each.finished = serve(*each.found, *each.made);
    } else if (const auto admitted = admit(*each.found, entrance, *each.made); !admitted) {
      each.finished = failed(each.made->request, admitted.error());
    } else {
      groups[each.found].push_back(&each);
    }
  }
  for (auto& [found, members] : groups) {
    call_list calls;
    std::ranges::transform(members, std::back_inserter(calls),
                           [](visit* each) { return &*each->made; });
    auto answers = found->handle_together(calls);
    for (std::size_t i = 0; i < members.size(); ++i) {
      members[i]->finished =
          answers[i] ? outcome{.response = success(*found, *std::move(answers[i])), .notes = {}}
                     : failed(calls[i]->request, answers[i].error());
    }
  }
}

control_api::control_api(const service_set& provided, const api_surroundings& around)
    : state_(std::make_unique<state>(provided, around)) {}
control_api::~control_api() = default;

work_place control_api::place_of(const net::http_request& request) const {
  const std::string_view target = request.target;
  const auto method = request.method == "HEAD" ? std::string_view("GET") : request.method;
  const auto match = state_->table.find(method, target.substr(0, target.find('?')));
  return match.found != nullptr ? match.found->runs_at : work_place::blocking_pool;
}

void control_api::state::record(const net::http_request& request, const outcome& finished,
                                base::duration took) {
  log.record({.request = request,
              .route = finished.route,
              .notes = finished.notes,
              .status = finished.response.status,
              .code = finished.code,
              .took = took});
}

net::http_response control_api::respond(const net::http_request& request) const {
  const auto started = state_->clock.steady_now();
  auto finished = state_->answer_to(request, poll_turn::last);
  state_->record(request, finished, state_->clock.steady_now() - started);
  return std::move(finished.response);
}

std::vector<net::http_response> control_api::respond_together(const request_list& requests) const {
  const auto started = state_->clock.steady_now();
  std::vector<state::visit> visits;
  const auto begin = [this](const auto& each) { return state_->begin(*each, poll_turn::last); };
  std::ranges::transform(requests, std::back_inserter(visits), begin);
  state_->serve_together(visits);
  const auto took = state_->clock.steady_now() - started;
  std::vector<net::http_response> responses;
  for (std::size_t i = 0; i < visits.size(); ++i) {
    auto finished = state_->end(std::move(visits[i]));
    state_->record(*requests[i], finished, took);
    responses.push_back(std::move(finished.response));
  }
  return responses;
}

api_reply control_api::respond_or_hold(const net::http_request& request) const {
  const auto started = state_->clock.steady_now();
  auto finished = state_->answer_to(request, poll_turn::first);
  if (!finished.held) {
    state_->record(request, finished, state_->clock.steady_now() - started);
  }
  return {.response = std::move(finished.response), .held = std::move(finished.held)};
}

net::http_response control_api::refuse(const net::http_request& request,
                                       const problem& reason) const {
  auto finished = failed(request, reason);
  state_->record(request, finished, {});
  return std::move(finished.response);
}

const std::string& control_api::openapi() const noexcept {
  return state_->description;
}

std::vector<route_summary> control_api::routes() const {
  std::vector<route_summary> all;
  for (const auto& one : state_->table.routes()) {
    all.push_back({.method = one.method,
                   .pattern = one.pattern,
                   .operation = one.operation,
                   .least_role = least_role(one.wanted),
                   .scope = scope_of(one)});
  }
  return all;
}

void control_api::count_posted(const services::posted_usage& posted) const {
  api::count_posted(posted, state_->counters);
}

void control_api::use_rates(const call_rates& chosen) const {
  state_->entrance.use_rates(chosen);
}

}
