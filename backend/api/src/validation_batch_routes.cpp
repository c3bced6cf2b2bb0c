#include "httvps/backend/schemas/validation_batch_documents.hpp"
#include "routes.hpp"
#include "typed_route.hpp"
#include "validation_views.hpp"

namespace httvps::backend::api {
namespace {

using schemas::validate_many_answer;
using schemas::validate_many_request;
using schemas::validated_item;
using validation_result = base::result<services::validation_outcome>;

std::vector<services::validation_request> requests_in(const models::gateway& gateway,
                                                      const validate_many_request& sent) {
  std::vector<services::validation_request> requests;
  requests.reserve(sent.items.items.size());
  for (const auto& each : sent.items.items) {
    requests.push_back({.gateway = gateway, .order = to_order(each)});
  }
  return requests;
}

validated_item unjudged(const std::error_code& cause) {
  auto found = problem(cause);
  return schemas::device_unjudged{.problem = {.status = found.status,
                                              .code = std::move(found.code),
                                              .detail = std::move(found.detail)}};
}

validated_item view_of_result(const validation_result& result) {
  if (!result) {
    return unjudged(result.error());
  }
  return std::visit([](const auto& one) { return validated_item(view_of(one)); }, *result);
}

}

void add_validation_batch_routes(route_table& table, const service_set& services,
                                 const session_counters& shared) {
  table.add(with_body<validate_many_request, validate_many_answer>(
      {.method = "POST",
       .pattern = "/api/v1/gateway/devices:validate",
       .operation = "validateDevices",
       .summary = "Whether devices may open or keep sessions: up to 100, each with its own answer.",
       .wanted = access::gateway},
      [services, counters = shared](
          call& made, const validate_many_request& sent) mutable -> answer<validate_many_answer> {
        const auto requests = requests_in(*made.gateway, sent);
        validate_many_answer told;
        told.items.items.reserve(requests.size());
        for (const auto& each : services.validation.validate_together(requests)) {
          told.items.items.push_back(view_of_result(each));
          counters.validations->count(each);
        }
        counters.validation_batches.add();
        made.notes.outcome = "answered";
        return told;
      }));
}

}
