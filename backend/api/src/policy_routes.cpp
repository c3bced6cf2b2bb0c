#include "amendments.hpp"
#include "httvps/backend/schemas/policy_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using schemas::policy_change_request;
using schemas::policy_view;
using services::errc;
using tagged_policy = tagged<policy_view>;

constexpr std::string_view policy_path = "/api/v1/admin/policy";

tagged_policy shown(const services::policy_report& found) {
  const auto& shape = found.shape;
  return {.document = {.version = found.version,
                       .carriers_most = shape.carriers_most,
                       .keepalive_least_s = shape.keepalive.least.count(),
                       .keepalive_most_s = shape.keepalive.most.count(),
                       .carrier_age_least_s = shape.carrier_age.least.count(),
                       .carrier_age_most_s = shape.carrier_age.most.count(),
                       .carrier_idle_s = shape.carrier_idle.count()},
          .tag = tag_of(found)};
}

services::policy_amendment amendment_of(const policy_change_request& wanted) {
  const auto span = [](const auto& field) -> std::optional<std::chrono::seconds> {
    const auto count = changed_number<std::uint32_t>(field);
    return count ? std::optional(std::chrono::seconds(*count)) : std::nullopt;
  };
  return {.carriers_most = changed_number<std::uint32_t>(wanted.carriers_most),
          .keepalive_least = span(wanted.keepalive_least_s),
          .keepalive_most = span(wanted.keepalive_most_s),
          .carrier_age_least = span(wanted.carrier_age_least_s),
          .carrier_age_most = span(wanted.carrier_age_most_s),
          .carrier_idle = span(wanted.carrier_idle_s)};
}

problem refused_change(const std::error_code& cause) {
  const bool of_keepalive = cause == errc::keepalive_reversed;
  if (!of_keepalive && cause != errc::carrier_age_reversed) {
    return problem(cause);
  }
  return problem::invalid_fields(
      {{.pointer = of_keepalive ? "/keepalive_least_s" : "/carrier_age_least_s",
        .code = std::string(base::label_of(cause)),
        .detail = cause.message()}});
}

}

void add_policy_routes(route_table& table, const service_set& services) {
  table.add(without_body<tagged_policy>(
      {.method = "GET",
       .pattern = std::string(policy_path),
       .operation = "getPolicy",
       .summary = "The shape of traffic that clients keep to, and its version.",
       .wanted = access::read_only},
      [services](call&) -> answer<tagged_policy> {
        HTTVPS_TRY(const auto found, services.policies.find());
        return shown(found);
      }));
  table.add(with_patch<policy_change_request, tagged_policy>(
      {.method = "PATCH",
       .pattern = std::string(policy_path),
       .operation = "changePolicy",
       .summary = "Changes the shape of traffic; gateways pass the signed policy on to the clients "
                  "that are connected, within seconds.",
       .wanted = access::admin},
      [services](call& made, const policy_change_request& wanted) -> answer<tagged_policy> {
        const auto changed = services.policies.change(*made.admin, amendment_of(wanted));
        if (!changed) {
          return std::unexpected(refused_change(changed.error()));
        }
        return shown(*changed);
      }));
}

}
