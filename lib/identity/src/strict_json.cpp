#include "strict_json.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>

#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

namespace json = boost::json;

constexpr std::size_t deepest_nesting = 8;
constexpr std::uint64_t latest_unix_second = 9'000'000'000;
constexpr std::size_t base64url_key_length = 43;

const json::value nothing;
const json::array no_items;
const json::object no_members;

std::size_t count_members(const json::value& value) {
  std::size_t total = 0;
  if (const auto* members = value.if_object()) {
    total += members->size();
    for (const auto& member : *members) {
      total += count_members(member.value());
    }
  } else if (const auto* items = value.if_array()) {
    for (const auto& item : *items) {
      total += count_members(item);
    }
  }
  return total;
}

std::size_t count_written_members(std::string_view text) {
  std::size_t total = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == ':') {
      ++total;
    }
  }
  return total;
}

std::optional<std::uint64_t> unsigned_value(const json::value& value) {
  if (value.is_uint64()) {
    return value.get_uint64();
  }
  if (value.is_int64() && value.get_int64() >= 0) {
    return static_cast<std::uint64_t>(value.get_int64());
  }
  return std::nullopt;
}

std::string_view to_view(const json::string& text) noexcept {
  return {text.data(), text.size()};
}

}

base::result<json::object> parse_json_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = deepest_nesting;
  json::error_code problem;
  auto parsed = json::parse({text.data(), text.size()}, problem, {}, options);
  if (problem || !parsed.is_object() || count_members(parsed) != count_written_members(text)) {
    return base::fail(errc::claims_invalid);
  }
  return std::move(parsed.get_object());
}

bool fits(std::string_view text, const text_rule& rule) noexcept {
  return text.size() >= rule.least && text.size() <= rule.most &&
         (rule.allows == nullptr || std::ranges::all_of(text, rule.allows));
}

const json::value& object_reader::member(std::string_view name) {
  const auto* found = members_->if_contains({name.data(), name.size()});
  require(found != nullptr);
  return found == nullptr ? nothing : *found;
}

const json::array& object_reader::list(std::string_view name, const list_rule& size) {
  const auto* items = member(name).if_array();
  const bool fitting =
      items != nullptr && items->size() >= size.least && items->size() <= size.most;
  require(fitting);
  return fitting ? *items : no_items;
}

std::string object_reader::text(std::string_view name, const text_rule& rule) {
  const auto* found = member(name).if_string();
  const bool fitting = found != nullptr && fits(to_view(*found), rule);
  require(fitting);
  return fitting ? std::string(to_view(*found)) : std::string();
}

std::uint64_t object_reader::number(std::string_view name, const number_rule& rule) {
  const auto found = unsigned_value(member(name));
  require(found && *found >= rule.least && *found <= rule.most);
  return found.value_or(0);
}

std::optional<std::uint64_t> object_reader::number_or_null(std::string_view name) {
  if (member(name).is_null()) {
    return std::nullopt;
  }
  return number(name);
}

base::system_time object_reader::time(std::string_view name) {
  const auto seconds = number(name, {.least = 0, .most = latest_unix_second});
  return base::from_unix_seconds(sound_ ? static_cast<std::int64_t>(seconds) : 0);
}

public_key object_reader::key(std::string_view name) {
  const auto parsed = public_key::from_base64url(
      text(name, {.least = base64url_key_length, .most = base64url_key_length}));
  require(parsed.has_value());
  return parsed.value_or(public_key{});
}

std::vector<std::string> object_reader::texts(std::string_view name, const list_rule& size,
                                              const text_rule& rule) {
  std::vector<std::string> all;
  for (const auto& item : list(name, size)) {
    const auto* found = item.if_string();
    const bool fitting = found != nullptr && fits(to_view(*found), rule);
    require(fitting);
    if (fitting) {
      all.emplace_back(to_view(*found));
    }
  }
  return all;
}

object_reader object_reader::object(std::string_view name) {
  const auto* found = member(name).if_object();
  require(found != nullptr);
  return object_reader(found == nullptr ? no_members : *found);
}

std::vector<object_reader> object_reader::objects(std::string_view name, const list_rule& size) {
  std::vector<object_reader> all;
  for (const auto& item : list(name, size)) {
    const auto* found = item.if_object();
    require(found != nullptr);
    all.emplace_back(found == nullptr ? no_members : *found);
  }
  return all;
}

}
