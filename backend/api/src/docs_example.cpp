#include "docs_example.hpp"

#include <string>
#include <string_view>

namespace httvps::backend::api {
namespace {

namespace json = boost::json;

constexpr int deepest = 6;

struct sample {
  std::string_view format;
  std::string_view text;
};

constexpr sample samples[] = {
    {"date-time", "2027-01-31T23:59:59Z"},
    {"date", "2027-01-31"},
    {"region", "eu"},
    {"host", "gate.example"},
    {"ip-port", "192.0.2.7:443"},
    {"mailbox", "ada@example.org"},
    {"password", "********"},
    {"cipher", "chacha20-ietf-poly1305"},
    {"hex", "00ff00ff00ff00ff"},
    {"scope", "users:read"},
    {"label", "running"},
    {"country", "SE"},
    {"paseto", "v4.public.eyJ9"},
    {"key-id", "key-1"},
    {"enrolment-code", "ABCDE-FGHJK"},
    {"base64url", "AAAAAAAA"},
};

std::string id_of(std::string_view pattern) {
  const auto prefix = pattern.substr(1, pattern.find('[') - 1);
  return std::string(prefix).append("01jd3x5v7n9q2r4s6t8w0y1z3a");
}

std::string text_of(const json::object& schema) {
  const auto* format = schema.if_contains("format");
  if (format == nullptr) {
    return "text";
  }
  const std::string_view name = format->as_string();
  if (name == "public-id") {
    return id_of(schema.at("pattern").as_string());
  }
  for (const auto& each : samples) {
    if (each.format == name) {
      return std::string(each.text);
    }
  }
  return "text";
}

}

json::value docs_examples::of_object(const json::object& schema, int depth) const {
  json::object object;
  if (const auto* properties = schema.if_contains("properties")) {
    for (const auto& member : properties->as_object()) {
      object[member.key()] = made(member.value(), depth + 1);
    }
  }
  return object;
}

json::value docs_examples::made(const json::value& from, int depth) const {
  const auto& schema = from.as_object();
  if (depth > deepest) {
    return nullptr;
  }
  if (const auto* reference = schema.if_contains("$ref")) {
    const std::string_view path = reference->as_string();
    return made(schemas_.at(path.substr(path.rfind('/') + 1)), depth + 1);
  }
  for (const auto* choices : {"anyOf", "oneOf"}) {
    if (const auto* found = schema.if_contains(choices)) {
      return made(found->as_array().front(), depth + 1);
    }
  }
  for (const auto* given : {"const", "minimum"}) {
    if (const auto* found = schema.if_contains(given)) {
      return *found;
    }
  }
  if (const auto* choices = schema.if_contains("enum")) {
    return choices->as_array().front();
  }
  const auto& named = schema.at("type");
  const auto& type = named.is_array() ? named.at(0).as_string() : named.as_string();
  if (type == "object") {
    return of_object(schema, depth);
  }
  if (type == "array") {
    return json::array{made(schema.at("items"), depth + 1)};
  }
  return type == "boolean" ? json::value(true) : json::value(text_of(schema));
}

}
