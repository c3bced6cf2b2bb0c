#include "httvps/backend/schemas/problem_document.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using schemas::status_answer;

route text_route(route one, std::string type, std::function<std::string()> text) {
  one.handle = [type = std::move(type), text = std::move(text)](call&) -> answer<plain_body> {
    return plain_body{.content_type = type, .text = text()};
  };
  return one;
}

}

void add_public_routes(route_table& table, const service_set& services, const public_texts& texts) {
  table.add(without_body<status_answer>(
      {.method = "GET",
       .pattern = "/healthz",
       .operation = "getHealth",
       .summary = "The process answers.",
       .runs_at = work_place::io_thread},
      [](call&) -> answer<status_answer> { return status_answer{.status = "ok"}; }));
  table.add(without_body<status_answer>(
      {.method = "GET",
       .pattern = "/readyz",
       .operation = "getReadiness",
       .summary = "The database answers."},
      [services](call&) -> answer<status_answer> {
        HTTVPS_CHECK(services.storage.read([](services::repositories& tables) -> base::result<> {
          HTTVPS_CHECK(tables.settings.find("key_set"));
          return {};
        }));
        return status_answer{.status = "ready"};
      }));
  table.add(text_route({.method = "GET",
                        .pattern = "/metrics",
                        .operation = "getMetrics",
                        .summary = "Metrics in the Prometheus text format."},
                       "text/plain; version=0.0.4", texts.metrics));
  table.add(text_route({.method = "GET",
                        .pattern = "/openapi.json",
                        .operation = "getOpenapi",
                        .summary = "This document.",
                        .runs_at = work_place::io_thread},
                       std::string(json_type), texts.openapi));
}

}
