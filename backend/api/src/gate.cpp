#include "gate.hpp"

#include "address_group.hpp"
#include "httvps/backend/services/errc.hpp"
#include "step_up.hpp"

namespace httvps::backend::api {
namespace {

using services::errc;

constexpr std::string_view authorization = "Authorization";
constexpr std::string_view forwarded_gateway = "X-HTTVPS-Gateway";
constexpr std::string_view forwarded_attempt = "X-HTTVPS-Attempt";
constexpr std::size_t attempt_digits = 32;
constexpr std::string_view bearer = "Bearer ";

answer<std::string_view> bearer_in(const net::http_request& request, std::string_view header) {
  const auto value = request.headers.find(header);
  if (!value || request.headers.count(header) != 1) {
    return std::unexpected(problem(errc::credential_missing));
  }
  if (value->size() <= bearer.size() ||
      !net::equals_ignoring_case(value->substr(0, bearer.size()), bearer)) {
    return std::unexpected(problem(errc::credential_missing));
  }
  return value->substr(bearer.size());
}

std::string attempt_of(const net::http_request& request, const models::gateway& gateway) {
  const auto value = request.headers.find(forwarded_attempt);
  const bool is_named = value && request.headers.count(forwarded_attempt) == 1 &&
                        value->size() == attempt_digits &&
                        value->find_first_not_of("0123456789abcdef") == std::string_view::npos;
  return is_named ? gateway.id.text() + "/" + std::string(*value) : std::string();
}

void note_gateway(call& made, services::calling_gateway caller) {
  made.gateway = std::move(caller.gateway);
  made.credential = std::move(caller.credential);
  made.notes.actor = made.gateway->id.text();
}

std::string credential_of(const services::admin_actor& actor) {
  return actor.token ? actor.token->id.text() : actor.id.text();
}

}

gate::gate(const service_set& services, const api_surroundings& around)
    : services_(services),
      clock_(around.clock),
      joins_("join", around.join_limit, rates_of(around)),
      enrolments_("enrol", around.enrol_limit, rates_of(around)),
      admins_("admin", around.admin_limit, rates_of(around)),
      devices_("device", around.device_limit, rates_of(around)),
      refusals_(services, around, "call") {}

void gate::use_rates(const call_rates& chosen) const {
  admins_.use(admin_limit_at(chosen.of_admins));
  devices_.use(device_limit_at(chosen.of_devices));
}

answer<void> gate::admit_rate(const rate_gate& limit, std::string_view who, call& made) const {
  HTTVPS_TRY(made.rate, limit.admit(who));
  return {};
}

answer<void> gate::admit(const route& found, call& made) const {
  switch (found.wanted) {
    case access::open:
    case access::login:
      return {};
    case access::read_only:
    case access::support:
    case access::admin:
      return admit_admin(found, made);
    case access::joining:
      return admit_joining(made);
    case access::gateway:
      return admit_gateway(made, authorization);
    case access::waiting_gateway:
      return admit_waiting_gateway(made);
    case access::gateway_of_device:
      return admit_enrolling(made);
    case access::device:
      return admit_device(made);
    case access::node:
      return admit_node(made);
  }
  return std::unexpected(problem(errc::credential_missing));
}

answer<void> gate::admit_admin(const route& found, call& made) const {
  HTTVPS_TRY(const auto token, bearer_in(made.request, authorization));
  HTTVPS_TRY(made.admin, services_.access.admin(token, made.request.request_id));
  made.notes.actor = made.admin->id.text();
  made.admin->address = made.client_address;
  HTTVPS_CHECK(admit_rate(admins_, credential_of(*made.admin), made));
  auto allowed = check_rights(found, *made.admin);
  if (!allowed) {
    refusals_.keep(*made.admin, services::refused_call{.operation = found.operation,
                                                       .code = allowed.error().code});
  }
  return allowed;
}

answer<void> gate::check_rights(const route& found, const services::admin_actor& actor) const {
  if (found.is_for_operations && services::holds_operations(actor)) {
    return {};
  }
  const auto least = least_role(found.wanted);
  if (!least || !models::reaches(actor.role, *least)) {
    return std::unexpected(problem(errc::role_denied));
  }
  if (!models::covers_scope(actor.scopes, scope_of(found))) {
    return std::unexpected(problem(errc::scope_denied));
  }
  return needs_recent_login(found) ? require_recent_login(actor, clock_.system_now())
                                   : answer<void>();
}

answer<void> gate::admit_joining(call& made) const {
  return admit_rate(joins_, address_group(made.client_address), made);
}

answer<void> gate::admit_gateway(call& made, std::string_view header) const {
  HTTVPS_TRY(const auto credential, bearer_in(made.request, header));
  HTTVPS_TRY(auto caller, services_.access.gateway(credential, services::approval::required));
  note_gateway(made, std::move(caller));
  return {};
}

answer<void> gate::admit_waiting_gateway(call& made) const {
  HTTVPS_TRY(const auto credential, bearer_in(made.request, authorization));
  HTTVPS_TRY(auto caller, services_.access.gateway(credential, services::approval::not_required));
  note_gateway(made, std::move(caller));
  return {};
}

answer<void> gate::admit_enrolling(call& made) const {
  HTTVPS_CHECK(admit_rate(enrolments_, address_group(made.client_address), made));
  return admit_gateway(made, forwarded_gateway);
}

answer<void> gate::admit_device(call& made) const {
  HTTVPS_CHECK(admit_gateway(made, forwarded_gateway));
  const auto header = made.request.headers.find(authorization);
  if (!header || made.request.headers.count(authorization) != 1) {
    return std::unexpected(problem(errc::credential_missing));
  }
  HTTVPS_TRY(made.device,
             services_.devices.authenticate({.header = *header,
                                             .request = {.method = made.request.method,
                                                         .path = made.request.target,
                                                         .body = base::as_bytes(made.request.body)},
                                             .attempt = attempt_of(made.request, *made.gateway)}));
  made.notes.device_id = made.device->text();
  return admit_rate(devices_, made.notes.device_id, made);
}

answer<void> gate::admit_node(call& made) const {
  HTTVPS_TRY(const auto credential, bearer_in(made.request, authorization));
  HTTVPS_TRY(auto caller, services_.access.node(credential));
  made.node = std::move(caller.node);
  made.credential = std::move(caller.credential);
  made.notes.node_id = made.node->id.text();
  made.notes.actor = made.notes.node_id;
  return {};
}

}
