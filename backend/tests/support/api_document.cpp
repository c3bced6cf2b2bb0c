#include "api_document.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "docs_example.hpp"

namespace httvps::backend::test_support {
namespace {

namespace json = boost::json;

std::string upper_case(std::string_view text) {
  std::string upper;
  for (const char letter : text) {
    upper += static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  }
  return upper;
}

std::string_view view_of(const json::value& text) {
  return {text.as_string().data(), text.as_string().size()};
}

const json::value* json_schema_in(const json::object& holder) {
  const auto* content = holder.if_contains("content");
  const auto* media =
      content != nullptr ? content->as_object().if_contains("application/json") : nullptr;
  return media != nullptr ? &media->at("schema") : nullptr;
}

}

bool api_operation::answers(int status) const {
  return terms.at("responses").as_object().contains(std::to_string(status));
}

bool api_operation::is_secured_by(std::string_view scheme) const {
  return std::ranges::any_of(terms.at("security").as_array(), [&](const json::value& each) {
    return each.as_object().contains(json::string_view(scheme.data(), scheme.size()));
  });
}

const json::object* api_operation::parameter(std::string_view place, std::string_view name) const {
  const auto& all = terms.at("parameters").as_array();
  const auto found = std::ranges::find_if(all, [&](const json::value& each) {
    return view_of(each.at("in")) == place && view_of(each.at("name")) == name;
  });
  return found == all.end() ? nullptr : &found->as_object();
}

api_document::api_document(const std::string& text) : content_(json::parse(text).as_object()) {
  for (const auto& path : content_.at("paths").as_object()) {
    for (const auto& method : path.value().as_object()) {
      operations_.push_back({.method = upper_case(method.key()),
                             .path = std::string(path.key()),
                             .terms = method.value().as_object()});
    }
  }
}

const json::object& api_document::resolved(const json::value& schema) const {
  const auto& one = schema.as_object();
  if (const auto* reference = one.if_contains("$ref")) {
    const auto path = view_of(*reference);
    const auto name = path.substr(path.rfind('/') + 1);
    return resolved(
        content_.at("components").at("schemas").at(json::string_view(name.data(), name.size())));
  }
  const auto* choices = one.if_contains("anyOf");
  return choices != nullptr ? resolved(choices->as_array().front()) : one;
}

json::value api_document::sample(const json::value& schema) const {
  return api::docs_examples(content_.at("components").at("schemas").as_object()).of(schema);
}

std::string api_document::needed_query_of(const api_operation& one, const std::string& more) const {
  std::string query = more;
  for (const auto& each : one.terms.at("parameters").as_array()) {
    const auto* required = each.as_object().if_contains("required");
    if (view_of(each.at("in")) == "query" && required != nullptr && required->as_bool()) {
      const auto value = sample(each.at("schema"));
      query += query.empty() ? "" : "&";
      query.append(view_of(each.at("name"))).append("=");
      query.append(value.is_string() ? std::string(view_of(value)) : json::serialize(value));
    }
  }
  return query.empty() ? query : "?" + query;
}

const json::value* api_document::body_of(const api_operation& one) const {
  const auto* body = one.terms.if_contains("requestBody");
  return body != nullptr ? json_schema_in(body->as_object()) : nullptr;
}

const json::object* api_document::answer_of(const api_operation& one) const {
  for (const auto* status : {"200", "201"}) {
    const auto* answer = one.terms.at("responses").as_object().if_contains(status);
    const auto* schema = answer != nullptr ? json_schema_in(answer->as_object()) : nullptr;
    if (schema != nullptr) {
      return &resolved(*schema);
    }
  }
  return nullptr;
}

}
