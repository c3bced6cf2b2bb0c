#pragma once

#include <optional>

#include "httvps/backend/schemas/document.hpp"

namespace httvps::backend::schemas {

template <typename Field>
struct amended {
  bool operator==(const amended&) const = default;

  std::optional<Field> given;
};

template <typename Field>
inline constexpr presence presence_of<amended<Field>> = presence::optional;

template <typename Field>
struct codec<amended<Field>> {
  static void read(const json_value& from, amended<Field>& into, problem_list& problems) {
    if (from.is_null() && presence_of<Field> == presence::required) {
      problems.report("not_removable", "This field must stay: it takes a value, not null.");
      return;
    }
    codec<Field>::read(from, into.given.emplace(), problems);
  }
  static json_value write(const amended<Field>& from) {
    return from.given ? codec<Field>::write(*from.given) : json_value(nullptr);
  }
  static json_object schema(component_set& components) { return codec<Field>::schema(components); }
};

}
