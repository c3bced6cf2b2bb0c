#include "openapi.hpp"

#include <boost/json/serialize.hpp>
#include <utility>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/schemas/document.hpp"
#include "httvps/backend/schemas/problem_document.hpp"

namespace httvps::backend::api {
namespace {

namespace json = boost::json;

json::string_view to_json(std::string_view text) {
  return {text.data(), text.size()};
}

json::array security_of(access wanted) {
  switch (wanted) {
    case access::open:
    case access::login:
      return {};
    case access::read_only:
    case access::support:
    case access::admin:
      return {json::object{{"adminToken", json::array()}}};
    case access::joining:
    case access::gateway:
      return {json::object{{"gatewayCredential", json::array()}}};
    case access::gateway_of_device:
      return {json::object{{"forwardingGateway", json::array()}}};
    case access::device:
      return {json::object{{"forwardingGateway", json::array()}, {"deviceProof", json::array()}}};
    case access::node:
      return {json::object{{"nodeCredential", json::array()}}};
  }
  return {};
}

json::object security_schemes() {
  const auto bearer = [](std::string_view description) {
    return json::object{
        {"type", "http"}, {"scheme", "bearer"}, {"description", to_json(description)}};
  };
  return {
      {"adminToken", bearer("API token of an administrator, htv_ and 36 letters.")},
      {"gatewayCredential", bearer("Credential from the join answer, htg_ and 36 letters.")},
      {"nodeCredential", bearer("Credential shown once when the node was made, htn_...")},
      {"forwardingGateway",
       json::object{{"type", "apiKey"},
                    {"in", "header"},
                    {"name", "X-HTTVPS-Gateway"},
                    {"description", "Bearer and the credential of the gateway that forwards."}}},
      {"deviceProof",
       json::object{
           {"type", "apiKey"},
           {"in", "header"},
           {"name", "Authorization"},
           {"description", "HTTVPS-Device TOKEN~UNIX_SECONDS~SIGNATURE over the request."}}},
  };
}

json::object content_of(std::string_view type, json::object schema) {
  json::object media;
  media[to_json(type)] = json::object{{"schema", std::move(schema)}};
  return media;
}

json::object responses_of(const route& one, schemas::component_set& components) {
  json::object success{{"description", "Success."}};
  if (one.answer_schema) {
    success["content"] = content_of("application/json", one.answer_schema(components));
  }
  json::object failure{{"description", "A problem; code names it."}};
  failure["content"] = content_of("application/problem+json",
                                  schemas::codec<schemas::problem_document>::schema(components));
  json::object responses;
  responses[std::to_string(one.success)] = std::move(success);
  if (one.runs_at == work_place::long_poll) {
    responses["304"] = json::object{{"description", "Nothing differs from rev."}};
  }
  responses["default"] = std::move(failure);
  return responses;
}

json::array query_parameters(const route& one, schemas::component_set& components) {
  schemas::component_set separate;
  const auto reference = one.query_schema(separate);
  auto taken = separate.take();
  json::array parameters;
  for (auto& [name, schema] : taken) {
    for (auto& member : schema.as_object().at("properties").as_object()) {
      parameters.emplace_back(json::object{{"name", member.key()},
                                           {"in", "query"},
                                           {"required", false},
                                           {"schema", member.value()}});
    }
  }
  static_cast<void>(components);
  return parameters;
}

json::array parameters_of(const route& one, schemas::component_set& components) {
  json::array parameters;
  if (one.pattern.find("{id}") != std::string::npos) {
    parameters.emplace_back(json::object{{"name", "id"},
                                         {"in", "path"},
                                         {"required", true},
                                         {"schema", json::object{{"type", "string"}}}});
  }
  if (one.query_schema) {
    for (auto& parameter : query_parameters(one, components)) {
      parameters.emplace_back(std::move(parameter));
    }
  }
  return parameters;
}

json::object operation_of(const route& one, schemas::component_set& components) {
  json::object operation{{"operationId", one.operation},
                         {"summary", one.summary},
                         {"security", security_of(one.wanted)},
                         {"parameters", parameters_of(one, components)}};
  if (one.request_schema) {
    operation["requestBody"] =
        json::object{{"required", true},
                     {"content", content_of("application/json", one.request_schema(components))}};
  }
  if (const auto least = least_role(one.wanted)) {
    operation["x-required-role"] = models::enum_text(*least);
    operation["x-required-scope"] = scope_of(one);
  }
  operation["responses"] = responses_of(one, components);
  return operation;
}

std::string lower_case(std::string_view text) {
  std::string lower;
  for (const char letter : text) {
    lower += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return lower;
}

}

std::string openapi_document(const route_table& table) {
  schemas::component_set components;
  json::object paths;
  for (const auto& one : table.routes()) {
    auto& path = paths[one.pattern];
    if (!path.is_object()) {
      path.emplace_object();
    }
    path.as_object()[lower_case(one.method)] = operation_of(one, components);
  }
  const json::object document{{"openapi", "3.1.0"},
                              {"info", json::object{{"title", "HTTVPS control plane"},
                                                    {"version", "1"},
                                                    {"description",
                                                     "Times are RFC 3339 in UTC, sizes are bytes, "
                                                     "unknown fields are refused."}}},
                              {"paths", std::move(paths)},
                              {"components", json::object{{"securitySchemes", security_schemes()},
                                                          {"schemas", components.take()}}}};
  return json::serialize(document);
}

}
