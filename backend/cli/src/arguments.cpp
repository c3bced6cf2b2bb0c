#include "arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>

#include "httvps/base/encoding.hpp"

namespace httvps::ctl {
namespace {

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

outcome<json::value> to_whole(const field& one, std::string_view text) {
  const auto number = parse_number<std::int64_t>(text);
  if (!number) {
    return usage_error(fmt::format("--{} takes a whole number.", one.flag));
  }
  if ((one.least && *number < *one.least) || (one.most && *number > *one.most)) {
    return usage_error(fmt::format("--{} must be {}.", one.flag,
                                   one.least && one.most
                                       ? fmt::format("from {} to {}", *one.least, *one.most)
                                   : one.least ? fmt::format("{} or more", *one.least)
                                               : fmt::format("{} or less", *one.most)));
  }
  return json::value(*number);
}

outcome<json::value> to_real(const field& one, std::string_view text) {
  const auto number = parse_number<double>(text);
  if (!number || !std::isfinite(*number)) {
    return usage_error(fmt::format("--{} takes a number.", one.flag));
  }
  return json::value(*number);
}

outcome<json::value> to_flag(const field& one, std::string_view text) {
  if (text != "true" && text != "false") {
    return usage_error(fmt::format("--{} takes true or false.", one.flag));
  }
  return json::value(text == "true");
}

outcome<json::value> to_text(const field& one, std::string_view text) {
  if (!base::is_valid_utf8(text)) {
    return usage_error(fmt::format("--{} is not UTF-8.", one.flag));
  }
  const auto same = std::ranges::find(one.choices, text);
  if (!one.choices.empty() && same == one.choices.end()) {
    return usage_error(
        fmt::format("--{} takes one of {}.", one.flag, fmt::join(one.choices, ", ")));
  }
  return json::value(json::string_view(text.data(), text.size()));
}

outcome<json::value> to_values(const field& one, const std::vector<std::string>& texts) {
  if (!one.is_list) {
    return to_value(one, texts.back());
  }
  json::array all;
  for (const auto& text : texts) {
    HTTVPS_TRY(auto value, to_value(one, text));
    all.push_back(std::move(value));
  }
  return json::value(std::move(all));
}

outcome<> unset_fields(const operation& runs, const given_values& given, json::object& body) {
  for (const auto& name : given.unset) {
    const auto found = std::ranges::find_if(
        runs.body, [&](const field& one) { return one.name == name || one.flag == name; });
    if (found == runs.body.end() || !found->is_nullable) {
      return usage_error(fmt::format("--unset {} names no field that can be taken away.", name));
    }
    body[found->name] = nullptr;
  }
  return {};
}

}

outcome<json::value> to_value(const field& one, std::string_view text) {
  switch (one.kind) {
    case value_kind::whole:
      return to_whole(one, text);
    case value_kind::number:
      return to_real(one, text);
    case value_kind::flag:
      return to_flag(one, text);
    case value_kind::text:
      return to_text(one, text);
    case value_kind::structure:
      break;
  }
  return usage_error(fmt::format("{} is nested; give it with --data.", one.name));
}

outcome<json::object> to_body(const operation& runs, const given_values& given) {
  json::object body = given.data.value_or(json::object());
  for (const auto& one : runs.body) {
    const auto found = given.flags.find(one.flag);
    if (found == given.flags.end()) {
      continue;
    }
    HTTVPS_TRY(body[one.name], to_values(one, found->second));
  }
  HTTVPS_CHECK(unset_fields(runs, given, body));
  for (const auto& one : runs.body) {
    if (one.is_required && !body.contains(one.name)) {
      return usage_error(
          one.kind == value_kind::structure
              ? fmt::format("{} is needed; give it with --data.", one.name)
              : fmt::format("--{}{} is needed.", one.flag, one.is_secret() ? "-file" : ""));
    }
  }
  return body;
}

outcome<std::vector<query_item>> to_query(const operation& runs, const given_values& given) {
  std::vector<query_item> items;
  for (const auto& one : runs.query) {
    const auto found = given.flags.find(one.flag);
    if (found == given.flags.end()) {
      if (one.is_required) {
        return usage_error(fmt::format("--{} is needed.", one.flag));
      }
      continue;
    }
    HTTVPS_CHECK(to_value(one, found->second.back()));
    items.push_back({.name = one.name, .value = found->second.back()});
  }
  return items;
}

std::string to_target(const operation& runs, const std::vector<std::string>& names,
                      const std::vector<query_item>& query) {
  std::string target;
  std::string_view rest = runs.path;
  for (const auto& name : names) {
    const auto begin = rest.find('{');
    target += rest.substr(0, begin);
    target += base::percent_encode(name);
    rest.remove_prefix(rest.find('}') + 1);
  }
  target += rest;
  char mark = '?';
  for (const auto& item : query) {
    target += fmt::format("{}{}={}", mark, item.name, base::percent_encode(item.value));
    mark = '&';
  }
  return target;
}

outcome<json::object> parse_data(std::string_view text) {
  boost::system::error_code trouble;
  auto parsed = json::parse({text.data(), text.size()}, trouble);
  if (trouble || !parsed.is_object()) {
    return usage_error("--data must hold one JSON object.");
  }
  return std::move(parsed.get_object());
}

}
