#include "json_text.hpp"

#include <boost/json/parse.hpp>

namespace httvps::sdk {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_limit = 8;

}

std::optional<json::object> parse_object(std::string_view text) {
  json::parse_options rules;
  rules.max_depth = depth_limit;
  json::error_code failure;
  auto parsed = json::parse({text.data(), text.size()}, failure, {}, rules);
  if (failure || !parsed.is_object()) {
    return std::nullopt;
  }
  return std::move(parsed.as_object());
}

std::string_view text_in(const json::object& fields, std::string_view name) {
  const auto* found = fields.if_contains({name.data(), name.size()});
  if (found == nullptr || !found->is_string()) {
    return {};
  }
  const auto& text = found->as_string();
  return {text.data(), text.size()};
}

std::optional<std::int64_t> number_in(const json::object& fields, std::string_view name) {
  const auto* found = fields.if_contains({name.data(), name.size()});
  if (found == nullptr || !found->is_int64()) {
    return std::nullopt;
  }
  return found->as_int64();
}

}
