#include "openapi.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <set>
#include <utility>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/schemas/document.hpp"
#include "httvps/backend/schemas/problem_document.hpp"
#include "operation_terms.hpp"
#include "step_up.hpp"

namespace httvps::backend::api {
namespace {

namespace json = boost::json;

constexpr std::string_view tags_pattern =
    R"(^([*]|(W/)?"[!#-~\u0080-\u00ff]*"([ \t]*,[ \t]*(W/)?"[!#-~\u0080-\u00ff]*"){0,31})$)";

json::string_view to_json(std::string_view text) {
  return {text.data(), text.size()};
}

json::array security_of(access wanted) {
  switch (wanted) {
    case access::open:
    case access::login:
    case access::joining:
      return {};
    case access::read_only:
    case access::support:
    case access::admin:
      return {json::object{{"adminToken", json::array()}}};
    case access::gateway:
    case access::waiting_gateway:
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

json::object described(std::string_view description) {
  return {{"description", to_json(description)}};
}

json::object tag_header() {
  return {{"ETag", json::object{{"description", "Entity tag: for If-Match and If-None-Match."},
                                {"schema", json::object{{"type", "string"}}}}}};
}

void add_condition_responses(tag_rule rule, json::object& responses) {
  if (rule == tag_rule::shown) {
    responses["304"] = described("If-None-Match names what is there: nothing differs.");
  }
  if (rule == tag_rule::accepted || rule == tag_rule::demanded) {
    responses["412"] = described("precondition_failed: it differs from what If-Match names.");
  }
  if (rule == tag_rule::demanded) {
    responses["428"] = described("precondition_required: If-Match is missing.");
  }
}

json::object text_schema(std::string_view type) {
  if (type.starts_with("text/")) {
    return {{"type", "string"}};
  }
  return {{"type", json::array{"string", "object"}}};
}

json::object success_of(const route& one, schemas::component_set& components) {
  json::object success{{"description", "Success."}};
  if (one.answer_schema) {
    success["content"] = content_of("application/json", one.answer_schema(components));
  } else if (!one.answer_type.empty()) {
    success["content"] = content_of(one.answer_type, text_schema(one.answer_type));
  }
  if (one.answer_schema && one.tags != tag_rule::none) {
    success["headers"] = tag_header();
  }
  return success;
}

void show_request_id(json::object& response) {
  auto& headers = response["headers"];
  if (!headers.is_object()) {
    headers.emplace_object();
  }
  headers.as_object()["X-Request-Id"] = json::object{{"$ref", "#/components/headers/RequestId"}};
}

std::string problem_name(int status) {
  return "Problem" + std::to_string(status);
}

json::object responses_of(const route& one, schemas::component_set& components) {
  json::object responses;
  responses[std::to_string(one.success)] = success_of(one, components);
  add_condition_responses(one.tags, responses);
  if (one.runs_at == work_place::long_poll) {
    responses["304"] = described("Nothing differs from rev.");
  }
  for (auto& response : responses) {
    show_request_id(response.value().as_object());
  }
  for (const int status : failure_statuses(one)) {
    responses[std::to_string(status)] =
        json::object{{"$ref", "#/components/responses/" + problem_name(status)}};
  }
  return responses;
}

constexpr int refused_unread = 413;

json::object header_of(std::string_view description, json::object schema) {
  return {{"description", to_json(description)}, {"required", true}, {"schema", std::move(schema)}};
}

json::object problem_response_of(int status, schemas::component_set& components) {
  json::object response{{"description", to_json(sentence_of(status))}};
  response["content"] = content_of("application/problem+json",
                                   schemas::codec<schemas::problem_document>::schema(components));
  if (status == 401) {
    response["headers"] =
        json::object{{"WWW-Authenticate", header_of("How to authenticate.", {{"type", "string"}})}};
  }
  if (status == 429 || status == 503) {
    response["headers"] = json::object{
        {"Retry-After", header_of("Seconds to wait.", {{"type", "integer"}, {"minimum", 1}})}};
  }
  if (status != refused_unread) {
    show_request_id(response);
  }
  return response;
}

json::object shared_headers() {
  return {{"RequestId", header_of("Names this call, also in the log: what X-Request-Id of the "
                                  "request said, or a new name.",
                                  {{"type", "string"}, {"pattern", "^[A-Za-z0-9_-]{1,64}$"}})}};
}

json::object problem_responses(const route_table& table, schemas::component_set& components) {
  std::set<int> statuses;
  for (const auto& one : table.routes()) {
    statuses.merge(failure_statuses(one));
  }
  json::object responses;
  for (const int status : statuses) {
    responses[problem_name(status)] = problem_response_of(status, components);
  }
  return responses;
}

json::value without_null(const json::value& schema) {
  const auto* choices = schema.as_object().if_contains("anyOf");
  return choices != nullptr ? choices->as_array().front() : schema;
}

json::array query_parameters(const route& one) {
  schemas::component_set separate;
  static_cast<void>(one.query_schema(separate));
  const auto taken = separate.take();
  json::array parameters;
  for (const auto& entry : taken) {
    const auto& document = entry.value().as_object();
    const auto& required = document.at("required").as_array();
    for (const auto& member : document.at("properties").as_object()) {
      const bool is_required =
          std::ranges::find(required, json::value(member.key())) != required.end();
      parameters.emplace_back(json::object{{"name", member.key()},
                                           {"in", "query"},
                                           {"required", is_required},
                                           {"schema", without_null(member.value())}});
    }
  }
  return parameters;
}

json::object condition_parameter(tag_rule rule) {
  const bool is_read = rule == tag_rule::shown;
  return {{"name", is_read ? "If-None-Match" : "If-Match"},
          {"in", "header"},
          {"required", rule == tag_rule::demanded},
          {"description", "* or entity tags in double quotes, at most 32."},
          {"schema", json::object{{"type", "string"}, {"pattern", to_json(tags_pattern)}}}};
}

json::object request_content(const route& one, schemas::component_set& components) {
  auto schema = one.request_schema(components);
  auto content = content_of("application/json", schema);
  if (one.method == "PATCH") {
    content["application/merge-patch+json"] = json::object{{"schema", std::move(schema)}};
  }
  return content;
}

json::object idempotency_parameter() {
  return {{"name", "Idempotency-Key"},
          {"in", "header"},
          {"required", false},
          {"description",
           "Makes a repeated call safe: for 24 h the same key and request get the first answer "
           "again."},
          {"schema", json::object{{"type", "string"}, {"pattern", "^[!-~]{1,255}$"}}}};
}

json::array parameters_of(const route& one) {
  json::array parameters;
  if (one.pattern.find("{id}") != std::string::npos) {
    parameters.emplace_back(json::object{
        {"name", "id"}, {"in", "path"}, {"required", true}, {"schema", id_schema_of(one)}});
  }
  if (takes_idempotency_key(one)) {
    parameters.emplace_back(idempotency_parameter());
  }
  if (one.query_schema) {
    for (auto& parameter : query_parameters(one)) {
      parameters.emplace_back(std::move(parameter));
    }
  }
  if (one.tags != tag_rule::none && one.tags != tag_rule::created) {
    parameters.emplace_back(condition_parameter(one.tags));
  }
  return parameters;
}

json::object operation_of(const route& one, schemas::component_set& components) {
  json::object operation{{"operationId", one.operation},
                         {"summary", one.summary},
                         {"security", security_of(one.wanted)},
                         {"tags", json::array{to_json(tag_of(one))}},
                         {"parameters", parameters_of(one)}};
  if (one.request_schema) {
    operation["requestBody"] =
        json::object{{"required", true}, {"content", request_content(one, components)}};
  }
  if (const auto least = least_role(one.wanted)) {
    operation["x-required-role"] = models::enum_text(*least);
    operation["x-required-scope"] = scope_of(one);
    operation["x-needs-recent-login"] = needs_recent_login(one);
    if (one.is_for_operations) {
      operation["x-scope-for-support"] = std::string(models::operations_scope);
    }
  }
  operation["responses"] = responses_of(one, components);
  return operation;
}

json::array tags_of(const route_table& table) {
  json::array tags;
  for (const auto tag : all_tags()) {
    if (std::ranges::any_of(table.routes(), [&](const route& one) { return tag_of(one) == tag; })) {
      tags.emplace_back(json::object{{"name", to_json(tag)}});
    }
  }
  return tags;
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
  auto problems = problem_responses(table, components);
  const json::object document{{"openapi", "3.1.0"},
                              {"info", json::object{{"title", "HTTVPS control plane"},
                                                    {"version", "1"},
                                                    {"description",
                                                     "Times are RFC 3339 in UTC, sizes are bytes, "
                                                     "unknown fields are refused."}}},
                              {"tags", tags_of(table)},
                              {"paths", std::move(paths)},
                              {"components", json::object{{"securitySchemes", security_schemes()},
                                                          {"headers", shared_headers()},
                                                          {"responses", std::move(problems)},
                                                          {"schemas", components.take()}}}};
  return json::serialize(document);
}

}
