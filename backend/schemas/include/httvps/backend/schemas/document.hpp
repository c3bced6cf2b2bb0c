#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/serialize.hpp>
#include <concepts>
#include <string>
#include <string_view>

#include "httvps/backend/schemas/field_codecs.hpp"
#include "httvps/backend/schemas/json_document.hpp"

namespace httvps::backend::schemas {

template <typename Document>
concept DescribedDocument = requires {
  typename boost::describe::describe_members<Document, boost::describe::mod_public>;
  { Document::schema_name } -> std::convertible_to<std::string_view>;
};

template <DescribedDocument Document>
struct codec<Document> {
  using members = boost::describe::describe_members<Document, boost::describe::mod_public>;
  static constexpr std::size_t count = boost::mp11::mp_size<members>::value;

  static constexpr std::array<const char*, count> names = [] {
    std::array<const char*, count> all{};
    std::size_t next = 0;
    boost::mp11::mp_for_each<members>([&](auto member) { all[next++] = member.name; });
    return all;
  }();

  static void read(const json_value& from, Document& into, problem_list& problems) {
    const auto* object = detail::read_object(from, problems);
    if (object == nullptr) {
      return;
    }
    boost::mp11::mp_for_each<members>([&](auto member) {
      problems.enter(std::string_view(member.name));
      read_member(object->if_contains(member.name), into.*member.pointer, problems);
      problems.leave();
    });
    detail::report_unknown_fields(*object, {.names = names.data(), .count = count}, problems);
  }

  static json_value write(const Document& from) {
    json_object object;
    object.reserve(count);
    boost::mp11::mp_for_each<members>([&](auto member) {
      using field = std::remove_cvref_t<decltype(from.*member.pointer)>;
      object.emplace(member.name, codec<field>::write(from.*member.pointer));
    });
    return object;
  }

  static json_object schema(component_set& components) {
    if (components.begin(Document::schema_name)) {
      components.finish(Document::schema_name, object_schema(components));
    }
    return component_set::reference_to(Document::schema_name);
  }

 private:
  template <typename Field>
  static void read_member(const json_value* from, Field& into, problem_list& problems) {
    if (from != nullptr) {
      codec<Field>::read(*from, into, problems);
    } else if (presence_of<Field> == presence::required) {
      detail::report_missing(problems);
    }
  }

  static json_object object_schema(component_set& components) {
    json_object properties;
    boost::json::array required;
    boost::mp11::mp_for_each<members>([&](auto member) {
      using field = std::remove_cvref_t<decltype(std::declval<Document&>().*member.pointer)>;
      properties.emplace(member.name, codec<field>::schema(components));
      if (presence_of<field> == presence::required) {
        required.emplace_back(member.name);
      }
    });
    json_object schema{{"type", "object"},
                       {"additionalProperties", false},
                       {"required", std::move(required)},
                       {"properties", std::move(properties)}};
    if constexpr (requires { Document::schema_terms(); }) {
      schema["allOf"] = Document::schema_terms();
    }
    return schema;
  }
};

template <typename Document>
parsed<Document> from_json(const json_value& value) {
  problem_list problems;
  Document document;
  codec<Document>::read(value, document, problems);
  if (!problems.empty()) {
    return std::unexpected(problems.take());
  }
  return document;
}

template <typename Document>
parsed<Document> read_document(std::string_view body) {
  auto value = parse_document(body);
  if (!value) {
    return std::unexpected(std::move(value).error());
  }
  return from_json<Document>(*value);
}

template <typename Document>
std::string write_document(const Document& document) {
  return boost::json::serialize(codec<Document>::write(document));
}

}
