#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace httvps::backend::storage {

using cell = std::variant<std::monostate, std::int64_t, std::string>;
using cells = std::vector<cell>;

enum class column_kind { text, number };

inline cell to_cell(const std::string& text) {
  return text;
}
inline cell to_cell(std::int64_t number) {
  return number;
}
template <typename Value>
cell to_cell(const std::optional<Value>& value) {
  return value ? to_cell(*value) : cell();
}

inline void from_cell(cell&& from, std::string& into) {
  if (auto* text = std::get_if<std::string>(&from)) {
    into = std::move(*text);
  }
}
inline void from_cell(cell&& from, std::int64_t& into) {
  if (const auto* number = std::get_if<std::int64_t>(&from)) {
    into = *number;
  }
}
template <typename Value>
void from_cell(cell&& from, std::optional<Value>& into) {
  if (!std::holds_alternative<std::monostate>(from)) {
    from_cell(std::move(from), into.emplace());
  }
}

template <typename Value>
inline constexpr column_kind kind_of = column_kind::number;
template <>
inline constexpr column_kind kind_of<std::string> = column_kind::text;
template <typename Value>
inline constexpr column_kind kind_of<std::optional<Value>> = kind_of<Value>;

}
