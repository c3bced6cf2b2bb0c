#include "httvps/base/property.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fstream>
#include <iterator>
#include <ranges>

#include "httvps/base/invariant.hpp"

namespace httvps::base {
namespace {

constexpr std::string_view kind_names[] = {"text", "number", "flag", "milliseconds", "secret"};

bool is_numeric(property_kind kind) {
  return kind == property_kind::number || kind == property_kind::milliseconds;
}

result<std::int64_t> parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc() || end != text.data() + text.size()) {
    return fail(errc::invalid_setting);
  }
  return number;
}

result<bool> parse_flag(std::string_view text) {
  if (text == "true" || text == "1" || text == "yes" || text == "on") {
    return true;
  }
  if (text == "false" || text == "0" || text == "no" || text == "off") {
    return false;
  }
  return fail(errc::invalid_setting);
}

std::string check_choice(const property& declared, const std::string& value) {
  if (std::ranges::find(declared.choices, value) != declared.choices.end()) {
    return {};
  }
  const auto last = declared.choices.end() - 1;
  return fmt::format("{} must be {} or {}.", declared.name,
                     fmt::join(declared.choices.begin(), last, ", "), *last);
}

std::string check_value(const property& declared, const std::string& value) {
  if (declared.required && value.empty()) {
    return fmt::format("{} is required: set {} or {} in the configuration file.", declared.name,
                       declared.environment, declared.name);
  }
  if (value.empty()) {
    return {};
  }
  if (declared.kind == property_kind::flag && !parse_flag(value)) {
    return fmt::format("{} must be true or false.", declared.name);
  }
  if (!declared.choices.empty()) {
    return check_choice(declared, value);
  }
  if (!is_numeric(declared.kind)) {
    return {};
  }
  const auto number = parse_number(value);
  if (!number || *number < declared.least || *number > declared.most) {
    return fmt::format("{} must be a whole number from {} to {}.", declared.name, declared.least,
                       declared.most);
  }
  return {};
}

std::string scalar_text(const boost::json::value& value) {
  if (const auto* text = value.if_string()) {
    return {text->data(), text->size()};
  }
  return boost::json::serialize(value);
}

void flatten(const boost::json::object& object, const std::string& prefix,
             std::map<std::string, std::string, std::less<>>& values) {
  for (const auto& member : object) {
    const auto name = prefix + std::string(member.key());
    if (const auto* child = member.value().if_object()) {
      flatten(*child, name + ".", values);
      continue;
    }
    values[name] = scalar_text(member.value());
  }
}

std::string range_of(const property& declared) {
  if (!declared.choices.empty()) {
    return fmt::format("{}", fmt::join(declared.choices, ", "));
  }
  return is_numeric(declared.kind) ? fmt::format("{} to {}", declared.least, declared.most) : "-";
}

std::string markdown_row(const property& declared) {
  const auto fallback = declared.kind == property_kind::secret || declared.fallback.empty()
                            ? std::string("-")
                            : fmt::format("`{}`", declared.fallback);
  return fmt::format("| `{}` | `{}` | {} | {} | {} | {} |\n", declared.name, declared.environment,
                     kind_names[static_cast<std::size_t>(declared.kind)], fallback,
                     range_of(declared), declared.description);
}

}

std::vector<property> join_properties(std::vector<std::vector<property>> groups) {
  std::vector<property> all;
  for (auto& group : groups) {
    std::ranges::move(group, std::back_inserter(all));
  }
  return all;
}

settings::settings(std::vector<property> declared) : declared_(std::move(declared)) {}

const property* settings::find(std::string_view name) const {
  const auto found = std::ranges::find(declared_, name, &property::name);
  return found == declared_.end() ? nullptr : &*found;
}

std::vector<setting_problem> settings::read_file(const std::string& path) {
  std::ifstream file(path);
  if (!file) {
    return {{path, fmt::format("The configuration file {} cannot be read.", path)}};
  }
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  boost::system::error_code failure;
  const auto document = boost::json::parse(content, failure);
  if (failure || !document.is_object()) {
    return {{path, fmt::format("The configuration file {} is not a JSON object.", path)}};
  }
  std::map<std::string, std::string, std::less<>> values;
  flatten(document.get_object(), "", values);
  for (auto& [name, value] : values) {
    override_with(name, std::move(value));
  }
  return {};
}

void settings::read_environment(const environment_reader& reader) {
  for (const auto& declared : declared_) {
    if (declared.environment.empty()) {
      continue;
    }
    if (const char* value = reader(declared.environment.c_str())) {
      values_[declared.name] = value;
    }
  }
}

void settings::override_with(const std::string& name, std::string value) {
  if (find(name) == nullptr) {
    unknown_.push_back({name, fmt::format("{} is not a known setting.", name)});
    return;
  }
  values_[name] = std::move(value);
}

std::vector<setting_problem> settings::validate() const {
  auto problems = unknown_;
  for (const auto& declared : declared_) {
    if (auto sentence = check_value(declared, text(declared.name)); !sentence.empty()) {
      problems.push_back({declared.name, std::move(sentence)});
    }
  }
  return problems;
}

const std::string& settings::text(std::string_view name) const {
  if (const auto found = values_.find(name); found != values_.end()) {
    return found->second;
  }
  const auto* declared = find(name);
  if (declared == nullptr) {
    static const std::string none;
    report_broken_invariant(std::source_location::current());
    return none;
  }
  return declared->fallback;
}

std::vector<std::string> settings::list(std::string_view name) const {
  std::vector<std::string> parts;
  for (const auto part : std::views::split(text(name), ',')) {
    if (!part.empty()) {
      parts.emplace_back(part.begin(), part.end());
    }
  }
  return parts;
}

std::int64_t settings::number(std::string_view name) const {
  return parse_number(text(name)).value_or(0);
}

bool settings::flag(std::string_view name) const {
  return parse_flag(text(name)).value_or(false);
}

std::chrono::milliseconds settings::time(std::string_view name) const {
  return std::chrono::milliseconds(number(name));
}

std::string settings::describe_markdown() const {
  std::string page =
      "| setting | environment | kind | default | range | meaning |\n"
      "|---|---|---|---|---|---|\n";
  for (const auto& declared : declared_) {
    page += markdown_row(declared);
  }
  return page;
}

}
