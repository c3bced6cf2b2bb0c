#include "json_text.hpp"

#include <boost/json/parse.hpp>

namespace httvps::sdk {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_limit = 8;
constexpr std::string_view moment_shape = "0000-00-00T00:00:00";

bool has_shape(std::string_view text) {
  if (text.size() <= moment_shape.size() || !text.ends_with('Z')) {
    return false;
  }
  for (std::size_t at = 0; at < moment_shape.size(); ++at) {
    const bool digit = text[at] >= '0' && text[at] <= '9';
    if (moment_shape[at] == '0' ? !digit : text[at] != moment_shape[at]) {
      return false;
    }
  }
  return true;
}

int part_of(std::string_view text, std::size_t at, std::size_t size) {
  int value = 0;
  for (const char digit : text.substr(at, size)) {
    value = value * 10 + (digit - '0');
  }
  return value;
}

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

std::optional<base::system_time> moment_in(const json::object& fields, std::string_view name) {
  const auto text = text_in(fields, name);
  if (!has_shape(text)) {
    return std::nullopt;
  }
  const std::chrono::year_month_day day(
      std::chrono::year(part_of(text, 0, 4)),
      std::chrono::month(static_cast<unsigned>(part_of(text, 5, 2))),
      std::chrono::day(static_cast<unsigned>(part_of(text, 8, 2))));
  const std::chrono::hours hours(part_of(text, 11, 2));
  const std::chrono::minutes minutes(part_of(text, 14, 2));
  const std::chrono::seconds seconds(part_of(text, 17, 2));
  if (!day.ok() || hours.count() > 23 || minutes.count() > 59 || seconds.count() > 59) {
    return std::nullopt;
  }
  return base::system_time(std::chrono::sys_days(day)) + hours + minutes + seconds;
}

}
