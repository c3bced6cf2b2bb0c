#include "docs_page.hpp"
#include "httvps/backend/schemas/problem_document.hpp"
#include "httvps/backend/schemas/version_documents.hpp"
#include "routes.hpp"
#include "typed_route.hpp"

namespace httvps::backend::api {
namespace {

using schemas::status_answer;

route text_route(route one, std::string type, std::function<std::string()> text) {
  one.answer_type = type;
  one.handle = [type = std::move(type), text = std::move(text)](call&) -> answer<plain_body> {
    plain_body body{.content_type = type, .text = text()};
    if (type.starts_with("text/html")) {
      body.headers.add("Content-Security-Policy", std::string(docs_policy));
      body.headers.add("Referrer-Policy", "no-referrer");
    }
    body.headers.add("X-Content-Type-Options", "nosniff");
    return body;
  };
  return one;
}

route docs_route(std::string_view tail, std::string operation, std::string summary) {
  return {.method = "GET",
          .pattern = std::string("/docs").append(tail),
          .operation = std::move(operation),
          .summary = std::move(summary),
          .runs_at = work_place::io_thread};
}

void add_version_route(route_table& table, const service_set& services,
                       const program_facts& program) {
  table.add(without_body<schemas::version_answer>(
      {.method = "GET",
       .pattern = "/api/v1/admin/version",
       .operation = "getVersion",
       .summary = "Version of the program that answers, and the schema of its database.",
       .wanted = access::read_only},
      [services, program](call&) -> answer<schemas::version_answer> {
        return schemas::version_answer{.version = program.version,
                                       .schema = services.storage.schema_version(),
                                       .newest_schema = program.newest_schema};
      }));
}

void add_docs_routes(route_table& table, const std::function<std::string()>& page) {
  table.add(text_route(docs_route("", "getDocs", "This API as a page for people."),
                       "text/html; charset=utf-8", page));
  table.add(text_route(docs_route("/page.css", "getDocsStyle", "The look of that page."),
                       "text/css; charset=utf-8", [] { return std::string(docs_style()); }));
  table.add(text_route(docs_route("/page.js", "getDocsScript", "The filter of that page."),
                       "text/javascript; charset=utf-8",
                       [] { return std::string(docs_script()); }));
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
                        .pattern = "/api/v1/admin/metrics",
                        .operation = "getMetrics",
                        .summary = "Metrics of this process in the Prometheus text format.",
                        .wanted = access::read_only},
                       "text/plain; version=0.0.4", texts.metrics));
  add_version_route(table, services, texts.program);
  table.add(text_route({.method = "GET",
                        .pattern = "/openapi.json",
                        .operation = "getOpenapi",
                        .summary = "This document.",
                        .runs_at = work_place::io_thread},
                       std::string(json_type), texts.openapi));
  add_docs_routes(table, texts.docs);
}

}
