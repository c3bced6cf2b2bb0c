#include "operation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>

namespace httvps::ctl {
namespace {

constexpr std::string_view component_prefix = "#/components/schemas/";
constexpr std::array<std::string_view, 5> methods = {"get", "post", "put", "patch", "delete"};
constexpr int most_references = 8;

const json::value& nothing() {
  static const json::value none;
  return none;
}

class document_reader {
 public:
  explicit document_reader(const json::value& document) : document_(document) {}

  operation read(std::string_view path, std::string_view method, const json::value& from) const;

 private:
  const json::value& resolve(const json::value& schema) const;
  const json::value& without_null(const json::value& schema, field& into) const;
  field read_field(std::string_view name, const json::value& schema) const;
  std::vector<field> read_body(const json::value& schema) const;
  void read_parameter(const json::value& parameter, operation& into) const;
  bool is_page(const json::value& from) const;

  const json::value& document_;
};

const json::value& document_reader::resolve(const json::value& schema) const {
  const json::value* found = &schema;
  for (int step = 0; step < most_references; ++step) {
    const auto reference = text_of(*found, "$ref");
    if (!reference.starts_with(component_prefix)) {
      return *found;
    }
    const auto* components = member_of(document_, "components");
    const auto* schemas = components == nullptr ? nullptr : member_of(*components, "schemas");
    const auto name = std::string_view(reference).substr(component_prefix.size());
    found = schemas == nullptr ? nullptr : member_of(*schemas, name);
    if (found == nullptr) {
      return nothing();
    }
  }
  return nothing();
}

bool is_null_type(const json::value& schema) {
  return text_of(schema, "type") == "null";
}

const json::value& document_reader::without_null(const json::value& schema, field& into) const {
  const auto& resolved = resolve(schema);
  const auto* choices = member_of(resolved, "anyOf");
  if (choices == nullptr || !choices->is_array() || choices->get_array().size() != 2) {
    return resolved;
  }
  const auto& both = choices->get_array();
  into.is_nullable = is_null_type(both[1]);
  return into.is_nullable ? resolve(both[0]) : resolved;
}

value_kind kind_of(const json::value& schema) {
  const auto type = text_of(schema, "type");
  if (type == "string") {
    return value_kind::text;
  }
  if (type == "integer") {
    return value_kind::whole;
  }
  if (type == "number") {
    return value_kind::number;
  }
  return type == "boolean" ? value_kind::flag : value_kind::structure;
}

std::optional<std::int64_t> bound_of(const json::value& schema, std::string_view name) {
  const auto* found = member_of(schema, name);
  return found != nullptr && found->is_int64() ? std::optional(found->get_int64()) : std::nullopt;
}

void read_limits(const json::value& schema, field& into) {
  const bool is_text = into.kind == value_kind::text;
  into.least = bound_of(schema, is_text ? "minLength" : "minimum");
  into.most = bound_of(schema, is_text ? "maxLength" : "maximum");
  into.format = text_of(schema, "format");
  if (into.description.empty()) {
    into.description = text_of(schema, "description");
  }
  const auto* choices = member_of(schema, "enum");
  if (choices == nullptr || !choices->is_array()) {
    return;
  }
  for (const auto& choice : choices->get_array()) {
    if (choice.is_string()) {
      into.choices.emplace_back(choice.get_string());
    }
  }
}

field document_reader::read_field(std::string_view name, const json::value& schema) const {
  field one{.name = std::string(name), .flag = flag_name(name)};
  const auto* found = &without_null(schema, one);
  if (text_of(*found, "type") == "array") {
    one.is_list = true;
    const auto* items = member_of(*found, "items");
    found = items == nullptr ? &nothing() : &resolve(*items);
  }
  one.kind = kind_of(*found);
  read_limits(*found, one);
  return one;
}

std::vector<std::string> names_in(const json::value& schema, std::string_view member) {
  std::vector<std::string> names;
  const auto* list = member_of(schema, member);
  if (list != nullptr && list->is_array()) {
    for (const auto& name : list->get_array()) {
      if (name.is_string()) {
        names.emplace_back(name.get_string());
      }
    }
  }
  return names;
}

std::vector<field> document_reader::read_body(const json::value& schema) const {
  const auto& resolved = resolve(schema);
  const auto required = names_in(resolved, "required");
  std::vector<field> fields;
  const auto* properties = member_of(resolved, "properties");
  if (properties == nullptr || !properties->is_object()) {
    return fields;
  }
  for (const auto& member : properties->get_object()) {
    fields.push_back(read_field({member.key().data(), member.key().size()}, member.value()));
    fields.back().is_required = std::ranges::find(required, fields.back().name) != required.end();
  }
  return fields;
}

bool is_true(const json::value& value, std::string_view name) {
  const auto* found = member_of(value, name);
  return found != nullptr && found->is_bool() && found->get_bool();
}

void document_reader::read_parameter(const json::value& parameter, operation& into) const {
  const auto place = text_of(parameter, "in");
  const auto name = text_of(parameter, "name");
  if (place == "header" && name == "If-Match") {
    into.match = is_true(parameter, "required") ? match_rule::required : match_rule::allowed;
  }
  if (place == "header" && name == "Idempotency-Key") {
    into.takes_idempotency_key = true;
  }
  if (place != "query") {
    return;
  }
  const auto* schema = member_of(parameter, "schema");
  into.query.push_back(read_field(name, schema == nullptr ? nothing() : *schema));
  into.query.back().is_required = is_true(parameter, "required");
  if (const auto description = text_of(parameter, "description"); !description.empty()) {
    into.query.back().description = description;
  }
}

const json::value* json_schema_in(const json::value& holder) {
  const auto* content = member_of(holder, "content");
  const auto* media = content == nullptr ? nullptr : member_of(*content, "application/json");
  return media == nullptr ? nullptr : member_of(*media, "schema");
}

bool document_reader::is_page(const json::value& from) const {
  const auto* responses = member_of(from, "responses");
  const auto* success = responses == nullptr ? nullptr : member_of(*responses, "200");
  const auto* schema = success == nullptr ? nullptr : json_schema_in(*success);
  if (schema == nullptr) {
    return false;
  }
  const auto* properties = member_of(resolve(*schema), "properties");
  return properties != nullptr && member_of(*properties, "next_page_token") != nullptr;
}

std::vector<std::string> path_names_of(std::string_view path) {
  std::vector<std::string> names;
  for (auto at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
    names.emplace_back(path.substr(at + 1, path.find('}', at) - at - 1));
  }
  return names;
}

operation document_reader::read(std::string_view path, std::string_view method,
                                const json::value& from) const {
  operation one{.id = text_of(from, "operationId"),
                .method = std::string(method),
                .path = std::string(path),
                .summary = text_of(from, "summary"),
                .role = text_of(from, "x-required-role"),
                .path_names = path_names_of(path)};
  std::ranges::transform(one.method, one.method.begin(), [](char letter) {
    return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
  });
  if (const auto* parameters = member_of(from, "parameters");
      parameters != nullptr && parameters->is_array()) {
    for (const auto& parameter : parameters->get_array()) {
      read_parameter(parameter, one);
    }
  }
  if (const auto* body = member_of(from, "requestBody"); body != nullptr) {
    one.takes_body = true;
    one.needs_body = is_true(*body, "required");
    const auto* schema = json_schema_in(*body);
    one.body = schema == nullptr ? std::vector<field>() : read_body(*schema);
  }
  one.is_list = is_page(from);
  return one;
}

void add_part(std::string& all, std::string_view part) {
  if (!part.empty() && !all.empty()) {
    all += all.ends_with('.') ? " " : "; ";
  }
  all += part;
}

std::string describe_bounds(const field& one) {
  if (!one.choices.empty()) {
    return fmt::format("one of {}", fmt::join(one.choices, ", "));
  }
  if (!one.least || !one.most) {
    return {};
  }
  const auto* unit = one.kind == value_kind::text ? " characters" : "";
  return *one.least == *one.most ? fmt::format("{}{}", *one.least, unit)
                                 : fmt::format("{} to {}{}", *one.least, *one.most, unit);
}

}

const json::value* member_of(const json::value& value, std::string_view name) {
  const auto* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains({name.data(), name.size()});
}

std::string text_of(const json::value& value, std::string_view name) {
  const auto* found = member_of(value, name);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string();
}

outcome<json::array> read_json_lines(std::string_view text) {
  json::array lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    boost::system::error_code trouble;
    lines.push_back(json::parse({text.data(), end}, trouble));
    if (trouble) {
      return failure("The answer is no JSON lines.");
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string flag_name(std::string_view field_name) {
  std::string flag(field_name);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string describe_field(const field& one) {
  std::string all = one.description;
  add_part(all, describe_bounds(one));
  add_part(all, one.is_list ? "may be given several times" : "");
  add_part(all, one.is_required ? "required" : "");
  return all;
}

outcome<std::vector<operation>> read_operations(std::string_view document) {
  boost::system::error_code trouble;
  const auto parsed = json::parse({document.data(), document.size()}, trouble);
  const auto* paths = trouble ? nullptr : member_of(parsed, "paths");
  if (paths == nullptr || !paths->is_object()) {
    return failure("The OpenAPI document is not readable.");
  }
  const document_reader reader(parsed);
  std::vector<operation> operations;
  for (const auto& path : paths->get_object()) {
    if (!std::string_view(path.key()).starts_with(admin_area)) {
      continue;
    }
    for (const auto method : methods) {
      if (const auto* found = member_of(path.value(), method)) {
        operations.push_back(reader.read(path.key(), method, *found));
      }
    }
  }
  return operations;
}

}
