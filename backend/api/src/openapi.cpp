#include "openapi.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <utility>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/schemas/document.hpp"
#include "openapi_media.hpp"
#include "openapi_responses.hpp"
#include "openapi_security.hpp"
#include "operation_terms.hpp"
#include "step_up.hpp"

namespace httvps::backend::api {
namespace {

namespace json = boost::json;

constexpr std::string_view tags_pattern =
    R"(^([*]|(W/)?"[!#-~\u0080-\u00ff]*"([ \t]*,[ \t]*(W/)?"[!#-~\u0080-\u00ff]*"){0,31})$)";

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
