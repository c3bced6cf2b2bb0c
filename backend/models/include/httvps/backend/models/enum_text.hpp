#pragma once

#include <boost/describe/enum_from_string.hpp>
#include <boost/describe/enum_to_string.hpp>
#include <boost/describe/enumerators.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace httvps::backend::models {

template <typename Enum>
std::string enum_text(Enum value) {
  return boost::describe::enum_to_string(value, "unknown");
}

template <typename Enum>
std::optional<Enum> parse_enum(std::string_view text) {
  Enum value{};
  if (boost::describe::enum_from_string(std::string(text).c_str(), value)) {
    return value;
  }
  return std::nullopt;
}

}
