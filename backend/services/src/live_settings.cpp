#include "httvps/backend/services/live_settings.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace httvps::backend::services {
namespace {

namespace json = boost::json;

std::optional<std::uint32_t> value_in(const json::object& object, const setting_rule& rule) {
  const auto* found = object.if_contains(json::string_view(rule.name.data(), rule.name.size()));
  if (found == nullptr || !found->is_int64()) {
    return std::nullopt;
  }
  const auto value = found->get_int64();
  return value < rule.least || value > rule.most ? std::nullopt
                                                 : std::optional(static_cast<std::uint32_t>(value));
}

}

live_settings laid_over(const live_settings& configured, const stored_settings& stored) {
  auto live = configured;
  for (const auto& rule : setting_rules) {
    live.*rule.live = (stored.*rule.stored).value_or(configured.*rule.live);
  }
  return live;
}

std::vector<std::string_view> names_of(const stored_settings& stored) {
  std::vector<std::string_view> names;
  for (const auto& rule : setting_rules) {
    if (stored.*rule.stored) {
      names.push_back(rule.name);
    }
  }
  return names;
}

std::string written(const stored_settings& stored) {
  json::object object;
  for (const auto& rule : setting_rules) {
    if (const auto& value = stored.*rule.stored) {
      object[json::string_view(rule.name.data(), rule.name.size())] = *value;
    }
  }
  return json::serialize(object);
}

std::optional<stored_settings> parse_settings(std::string_view text) {
  boost::system::error_code failure;
  const auto parsed = json::parse(json::string_view(text.data(), text.size()), failure);
  const auto* object = failure ? nullptr : parsed.if_object();
  if (object == nullptr) {
    return std::nullopt;
  }
  stored_settings stored;
  for (const auto& rule : setting_rules) {
    stored.*rule.stored = value_in(*object, rule);
  }
  return stored;
}

}
