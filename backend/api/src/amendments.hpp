#pragma once

#include <optional>
#include <string>

#include "httvps/backend/schemas/amended.hpp"

namespace httvps::backend::api {

template <typename Text>
std::optional<std::string> changed_text(const schemas::amended<Text>& field) {
  return field.given ? std::optional(field.given->value) : std::nullopt;
}

template <typename Text>
std::optional<std::string> changed_text(const schemas::amended<std::optional<Text>>& field) {
  if (!field.given) {
    return std::nullopt;
  }
  return *field.given ? (*field.given)->value : std::string();
}

template <typename Text>
std::optional<std::optional<std::string>> changed_optional_text(
    const schemas::amended<std::optional<Text>>& field) {
  if (!field.given) {
    return std::nullopt;
  }
  return *field.given ? std::optional((*field.given)->value) : std::nullopt;
}

template <typename Number, typename Field>
std::optional<Number> changed_number(const schemas::amended<Field>& field) {
  return field.given ? std::optional(field.given->template as<Number>()) : std::nullopt;
}

template <typename Number, typename Field>
std::optional<std::optional<Number>> changed_optional_number(
    const schemas::amended<std::optional<Field>>& field) {
  if (!field.given) {
    return std::nullopt;
  }
  std::optional<Number> number;
  if (*field.given) {
    number = (*field.given)->template as<Number>();
  }
  return number;
}

inline std::optional<std::optional<base::system_time>> changed_optional_time(
    const schemas::amended<std::optional<schemas::moment>>& field) {
  if (!field.given) {
    return std::nullopt;
  }
  std::optional<base::system_time> time;
  if (*field.given) {
    time = (*field.given)->value;
  }
  return time;
}

}
