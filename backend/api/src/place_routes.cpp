#include "httvps/backend/schemas/place_documents.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

template <typename List>
std::vector<std::string> texts_of(const List& listed) {
  std::vector<std::string> texts;
  texts.reserve(listed.items.size());
  for (const auto& each : listed.items) {
    texts.push_back(each.value);
  }
  return texts;
}

}

void add_place_routes(route_table& table, const service_set& services) {
  table.add(with_body<schemas::place_request, schemas::place_answer>(
      {.method = "PUT",
       .pattern = "/api/v1/gateway/place",
       .operation = "reportGatewayPlace",
       .summary = "A gateway tells at each start where it is, and the pins of its present and its "
                  "next TLS key.",
       .wanted = access::waiting_gateway},
      [services](call& made, const schemas::place_request& sent) -> answer<schemas::place_answer> {
        HTTVPS_TRY(const auto placed,
                   services.gateways.take_place(made.gateway->id, author_of(made),
                                                {.region = sent.region.value,
                                                 .host = sent.host.value,
                                                 .addresses = texts_of(sent.addresses),
                                                 .pins = texts_of(sent.pins)}));
        return schemas::place_answer{.state = placed.state};
      }));
}

}
