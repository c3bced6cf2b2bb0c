#pragma once

#include <array>
#include <boost/describe/enumerators.hpp>
#include <boost/json/array.hpp>
#include <boost/mp11/algorithm.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <variant>

#include "httvps/backend/schemas/codec.hpp"
#include "httvps/backend/schemas/field_types.hpp"

namespace httvps::backend::schemas {

inline json_value to_json_text(std::string_view content) {
  return json_value(boost::json::string_view(content.data(), content.size()));
}

inline constexpr std::string_view moment_pattern =
    "^(19[7-9][0-9]|20[0-9]{2}|21[0-9]{2})-[0-9]{2}-[0-9]{2}"
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?Z$";

template <length_range Length, typename Format>
struct codec<text<Length, Format>> {
  static constexpr detail::text_rule rule{.least = Length.least,
                                          .most = Length.most,
                                          .format = Format::name,
                                          .description = Format::description,
                                          .pattern = Format::pattern};

  static void read(const json_value& from, text<Length, Format>& into, problem_list& problems) {
    const auto* found = detail::read_text(from, rule, problems);
    if (found == nullptr) {
      return;
    }
    into.value.assign(found->data(), found->size());
    if (!Format::accepts(into.value)) {
      detail::report_bad_format(rule, problems);
    }
  }
  static json_value write(const text<Length, Format>& from) { return to_json_text(from.value); }
  static json_object schema(component_set&) { return detail::text_schema(rule); }
};

template <length_range Length>
struct codec<secret<Length>> {
  static constexpr detail::text_rule rule{
      .least = Length.least,
      .most = Length.most,
      .format = "password",
      .description = "A secret of printable ASCII: never logged, stored hashed or encrypted.",
      .pattern = "^[!-~]*$"};

  static void read(const json_value& from, secret<Length>& into, problem_list& problems) {
    const auto* found = detail::read_text(from, rule, problems);
    if (found == nullptr) {
      return;
    }
    const std::string_view content(found->data(), found->size());
    if (!is_token_text(content)) {
      detail::report_bad_format(rule, problems);
      return;
    }
    into.value = base::secret_bytes::from_text(content);
  }
  static json_value write(const secret<Length>& from) {
    return to_json_text(from.value.reveal_text());
  }
  static json_object schema(component_set&) { return detail::text_schema(rule); }
};

template <models::id_kind Kind>
struct codec<models::public_id<Kind>> {
  static constexpr std::size_t length = models::prefix_of(Kind).size() + models::id_digits;
  static constexpr detail::text_rule rule{
      .least = length,
      .most = length,
      .format = "public-id",
      .description = "Prefix and 26 base32 digits of a UUIDv7."};

  static void read(const json_value& from, models::public_id<Kind>& into, problem_list& problems) {
    const auto* found = detail::read_text(from, rule, problems);
    if (found == nullptr) {
      return;
    }
    auto id = models::public_id<Kind>::parse({found->data(), found->size()});
    if (!id) {
      detail::report_bad_format(rule, problems);
      return;
    }
    into = *std::move(id);
  }
  static json_value write(const models::public_id<Kind>& from) { return to_json_text(from.text()); }
  static json_object schema(component_set&) {
    auto schema = detail::text_schema(rule);
    schema["pattern"] = "^" + std::string(models::prefix_of(Kind)) + "[0-7][0-9a-hjkmnp-tv-z]{25}$";
    return schema;
  }
};

template <number_range Range>
struct codec<whole<Range>> {
  static constexpr detail::whole_rule rule{.least = Range.least, .most = Range.most};

  static void read(const json_value& from, whole<Range>& into, problem_list& problems) {
    detail::read_whole(from, rule, into.value, problems);
  }
  static json_value write(const whole<Range>& from) { return from.value; }
  static json_object schema(component_set&) { return detail::whole_schema(rule); }
};

template <>
struct codec<load> {
  static void read(const json_value& from, load& into, problem_list& problems) {
    detail::read_load(from, load::most, into.value, problems);
  }
  static json_value write(const load& from) { return from.value; }
  static json_object schema(component_set&) {
    return {{"type", "number"}, {"minimum", 0}, {"maximum", static_cast<std::int64_t>(load::most)}};
  }
};

template <>
struct codec<moment> {
  static constexpr detail::text_rule rule{.least = 20,
                                          .most = 30,
                                          .format = "date-time",
                                          .description = "UTC time such as 2027-01-31T23:59:59Z.",
                                          .pattern = moment_pattern};

  static void read(const json_value& from, moment& into, problem_list& problems) {
    const auto* found = detail::read_text(from, rule, problems);
    if (found == nullptr) {
      return;
    }
    const auto when = parse_moment({found->data(), found->size()});
    if (!when) {
      detail::report_bad_format(rule, problems);
      return;
    }
    into.value = *when;
  }
  static json_value write(const moment& from) { return to_json_text(base::to_rfc3339(from.value)); }
  static json_object schema(component_set&) { return detail::text_schema(rule); }
};

template <>
struct codec<bool> {
  static void read(const json_value& from, bool& into, problem_list& problems) {
    detail::read_flag(from, into, problems);
  }
  static json_value write(bool from) { return from; }
  static json_object schema(component_set&) { return {{"type", "boolean"}}; }
};

template <bool Value>
struct codec<constant_flag<Value>> {
  static void read(const json_value& from, constant_flag<Value>&, problem_list& problems) {
    bool found = Value;
    if (detail::read_flag(from, found, problems) && found != Value) {
      problems.report("not_one_of", Value ? "This must be true." : "This must be false.");
    }
  }
  static json_value write(const constant_flag<Value>&) { return Value; }
  static json_object schema(component_set&) { return {{"type", "boolean"}, {"const", Value}}; }
};

template <typename Field>
inline constexpr presence presence_of<std::optional<Field>> = presence::optional;

template <typename Field>
struct codec<std::optional<Field>> {
  static void read(const json_value& from, std::optional<Field>& into, problem_list& problems) {
    if (from.is_null()) {
      into.reset();
      return;
    }
    codec<Field>::read(from, into.emplace(), problems);
  }
  static json_value write(const std::optional<Field>& from) {
    return from ? codec<Field>::write(*from) : json_value(nullptr);
  }
  static json_object schema(component_set& components) {
    return detail::nullable(codec<Field>::schema(components));
  }
};

template <typename Item, length_range Length>
struct codec<list<Item, Length>> {
  static constexpr detail::whole_rule rule{.least = static_cast<std::int64_t>(Length.least),
                                           .most = static_cast<std::int64_t>(Length.most)};

  static void read(const json_value& from, list<Item, Length>& into, problem_list& problems) {
    const auto* found = detail::read_list(from, rule, problems);
    if (found == nullptr) {
      return;
    }
    into.items.resize(found->size());
    for (std::size_t i = 0; i < found->size(); ++i) {
      problems.enter(i);
      codec<Item>::read((*found)[i], into.items[i], problems);
      problems.leave();
    }
  }
  static json_value write(const list<Item, Length>& from) {
    boost::json::array items;
    items.reserve(from.items.size());
    for (const auto& item : from.items) {
      items.push_back(codec<Item>::write(item));
    }
    return items;
  }
  static json_object schema(component_set& components) {
    return {{"type", "array"},
            {"minItems", Length.least},
            {"maxItems", Length.most},
            {"items", codec<Item>::schema(components)}};
  }
};

template <typename Enum>
  requires std::is_enum_v<Enum>
struct codec<Enum> {
  using described = boost::describe::describe_enumerators<Enum>;
  static constexpr std::size_t count = boost::mp11::mp_size<described>::value;

  static constexpr std::array<const char*, count> names = [] {
    std::array<const char*, count> all{};
    std::size_t next = 0;
    boost::mp11::mp_for_each<described>([&](auto one) { all[next++] = one.name; });
    return all;
  }();
  static constexpr detail::choice_rule rule{.names = names.data(), .count = count};

  static void read(const json_value& from, Enum& into, problem_list& problems) {
    const auto chosen = detail::read_choice(from, rule, problems);
    std::size_t next = 0;
    boost::mp11::mp_for_each<described>([&](auto one) {
      if (next++ == chosen) {
        into = one.value;
      }
    });
  }
  static json_value write(Enum from) {
    json_value found = nullptr;
    boost::mp11::mp_for_each<described>([&](auto one) {
      if (one.value == from) {
        found = one.name;
      }
    });
    return found;
  }
  static json_object schema(component_set&) { return detail::choice_schema(rule); }
};

template <typename... Choices>
struct codec<std::variant<Choices...>> {
  static void read(const json_value& from, std::variant<Choices...>& into, problem_list& problems) {
    const bool found = (try_choice<Choices>(from, into) || ...);
    if (!found) {
      problems.report("not_one_of", "This matches none of the allowed shapes.");
    }
  }
  static json_value write(const std::variant<Choices...>& from) {
    return std::visit(
        [](const auto& one) { return json_value(codec<std::decay_t<decltype(one)>>::write(one)); },
        from);
  }
  static json_object schema(component_set& components) {
    boost::json::array choices;
    (choices.emplace_back(codec<Choices>::schema(components)), ...);
    return {{"oneOf", std::move(choices)}};
  }

 private:
  template <typename Choice>
  static bool try_choice(const json_value& from, std::variant<Choices...>& into) {
    problem_list trial;
    Choice chosen;
    codec<Choice>::read(from, chosen, trial);
    if (!trial.empty()) {
      return false;
    }
    into = std::move(chosen);
    return true;
  }
};

}
