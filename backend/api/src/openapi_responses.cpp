#include "openapi_responses.hpp"

#include <set>
#include <utility>

#include "httvps/backend/schemas/document.hpp"
#include "httvps/backend/schemas/problem_document.hpp"
#include "openapi_media.hpp"
#include "operation_terms.hpp"

namespace httvps::backend::api {
namespace {

namespace json = boost::json;

constexpr int refused_unread = 413;

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

json::object shared_headers() {
  return {{"RequestId", header_of("Names this call, also in the log: what X-Request-Id of the "
                                  "request said, or a new name.",
                                  {{"type", "string"}, {"pattern", "^[A-Za-z0-9_-]{1,64}$"}})}};
}

}
