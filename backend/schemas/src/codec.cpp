#include "httvps/backend/schemas/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <cmath>
#include <optional>
#include <span>

namespace httvps::backend::schemas {
namespace {

constexpr double largest_exact_double = 9007199254740992.0;

std::size_t code_points(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char letter) { return (static_cast<unsigned char>(letter) & 0xc0U) != 0x80; }));
}

std::span<const char* const> names_of(const detail::choice_rule& rule) noexcept {
  return {rule.names, rule.count};
}

std::string quoted_choices(const detail::choice_rule& rule) {
  std::string choices;
  for (const auto* name : names_of(rule)) {
    choices += choices.empty() ? "" : ", ";
    choices += name;
  }
  return choices;
}

std::optional<std::int64_t> exact_whole(const json_value& from) {
  if (from.is_int64()) {
    return from.get_int64();
  }
  if (from.is_double() && std::abs(from.get_double()) <= largest_exact_double) {
    return static_cast<std::int64_t>(from.get_double());
  }
  return std::nullopt;
}

void report_wrong_type(std::string_view wanted, problem_list& problems) {
  problems.report("wrong_type", fmt::format("This must be {}.", wanted));
}

}

bool component_set::begin(std::string_view name) {
  if (schemas_.contains(boost::json::string_view(name.data(), name.size()))) {
    return false;
  }
  schemas_[boost::json::string_view(name.data(), name.size())] = nullptr;
  return true;
}

void component_set::finish(std::string_view name, json_object schema) {
  schemas_[boost::json::string_view(name.data(), name.size())] = std::move(schema);
}

json_object component_set::reference_to(std::string_view name) {
  return {{"$ref", fmt::format("#/components/schemas/{}", name)}};
}

namespace detail {

const boost::json::string* read_text(const json_value& from, const text_rule& rule,
                                     problem_list& problems) {
  const auto* found = from.if_string();
  if (found == nullptr) {
    report_wrong_type("a string", problems);
    return nullptr;
  }
  const auto length = code_points({found->data(), found->size()});
  if (length < rule.least) {
    problems.report("too_short", fmt::format("At least {} characters are needed.", rule.least));
    return nullptr;
  }
  if (length > rule.most) {
    problems.report("too_long", fmt::format("At most {} characters are allowed.", rule.most));
    return nullptr;
  }
  return found;
}

void report_bad_format(const text_rule& rule, problem_list& problems) {
  problems.report("bad_format", fmt::format("Expected: {}", rule.description));
}

bool read_whole(const json_value& from, const whole_rule& rule, std::int64_t& number,
                problem_list& problems) {
  const bool is_fraction = from.is_double() && from.get_double() != std::trunc(from.get_double());
  if (!from.is_number() || is_fraction) {
    report_wrong_type("a whole number", problems);
    return false;
  }
  const auto found = exact_whole(from);
  if (!found || *found < rule.least || *found > rule.most) {
    problems.report("out_of_range",
                    fmt::format("This must be from {} to {}.", rule.least, rule.most));
    return false;
  }
  number = *found;
  return true;
}

bool read_load(const json_value& from, double most, double& number, problem_list& problems) {
  if (!from.is_number()) {
    report_wrong_type("a number", problems);
    return false;
  }
  const auto found = from.to_number<double>();
  if (!(found >= 0 && found <= most)) {
    problems.report("out_of_range", fmt::format("This must be from 0 to {}.", most));
    return false;
  }
  number = found;
  return true;
}

bool read_flag(const json_value& from, bool& flag, problem_list& problems) {
  if (!from.is_bool()) {
    report_wrong_type("true or false", problems);
    return false;
  }
  flag = from.get_bool();
  return true;
}

std::size_t read_choice(const json_value& from, const choice_rule& rule, problem_list& problems) {
  const auto names = names_of(rule);
  if (const auto* text = from.if_string()) {
    const auto found = std::ranges::find_if(names, [&](const char* name) { return *text == name; });
    if (found != names.end()) {
      return static_cast<std::size_t>(found - names.begin());
    }
    problems.report("not_one_of", fmt::format("This must be one of: {}.", quoted_choices(rule)));
    return names.size();
  }
  report_wrong_type("a string", problems);
  return names.size();
}

const boost::json::array* read_list(const json_value& from, const whole_rule& rule,
                                    problem_list& problems) {
  const auto* found = from.if_array();
  if (found == nullptr) {
    report_wrong_type("a list", problems);
    return nullptr;
  }
  const auto size = static_cast<std::int64_t>(found->size());
  if (size < rule.least) {
    problems.report("too_few", fmt::format("At least {} entries are needed.", rule.least));
    return nullptr;
  }
  if (size > rule.most) {
    problems.report("too_many", fmt::format("At most {} entries are allowed.", rule.most));
    return nullptr;
  }
  return found;
}

const json_object* read_object(const json_value& from, problem_list& problems) {
  const auto* found = from.if_object();
  if (found == nullptr) {
    report_wrong_type("an object", problems);
  }
  return found;
}

void report_unknown_fields(const json_object& from, const choice_rule& known,
                           problem_list& problems) {
  const auto names = names_of(known);
  for (const auto& member : from) {
    const auto key = member.key();
    if (std::ranges::none_of(names, [&](const char* name) { return key == name; })) {
      problems.enter(std::string_view(key.data(), key.size()));
      problems.report("unknown_field", "This field is not known here.");
      problems.leave();
    }
  }
}

void report_missing(problem_list& problems) {
  problems.report("required", "This field is required.");
}

json_object text_schema(const text_rule& rule) {
  json_object schema{{"type", "string"}, {"minLength", rule.least}, {"maxLength", rule.most}};
  if (!rule.format.empty()) {
    schema["format"] = boost::json::string_view(rule.format.data(), rule.format.size());
  }
  if (!rule.pattern.empty()) {
    schema["pattern"] = boost::json::string_view(rule.pattern.data(), rule.pattern.size());
  }
  if (!rule.description.empty()) {
    schema["description"] =
        boost::json::string_view(rule.description.data(), rule.description.size());
  }
  return schema;
}

json_object whole_schema(const whole_rule& rule) {
  return {{"type", "integer"}, {"minimum", rule.least}, {"maximum", rule.most}};
}

json_object choice_schema(const choice_rule& rule) {
  boost::json::array choices;
  for (const auto* name : names_of(rule)) {
    choices.emplace_back(name);
  }
  return {{"type", "string"}, {"enum", std::move(choices)}};
}

json_object nullable(json_object schema) {
  boost::json::array choices;
  choices.emplace_back(std::move(schema));
  choices.emplace_back(json_object{{"type", "null"}});
  return {{"anyOf", std::move(choices)}};
}

json_object both_or_neither(std::string_view one, std::string_view other) {
  const auto typed = [&](std::string_view type) {
    json_object properties;
    for (const auto name : {one, other}) {
      properties[boost::json::string_view(name.data(), name.size())] =
          json_object{{"type", boost::json::string_view(type.data(), type.size())}};
    }
    return properties;
  };
  boost::json::array names;
  for (const auto name : {one, other}) {
    names.emplace_back(boost::json::string_view(name.data(), name.size()));
  }
  boost::json::array choices;
  choices.emplace_back(
      json_object{{"required", std::move(names)}, {"properties", typed("integer")}});
  choices.emplace_back(json_object{{"properties", typed("null")}});
  return {{"anyOf", std::move(choices)}};
}

}

}
