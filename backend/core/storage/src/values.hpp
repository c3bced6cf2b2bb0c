#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::storage {

std::int64_t to_microseconds(base::system_time moment) noexcept;
base::system_time from_microseconds(std::int64_t microseconds) noexcept;
std::int64_t to_stored(std::uint64_t number) noexcept;
std::string to_stored_list(const std::vector<std::string>& texts);
std::vector<std::string> from_stored_list(const std::string& stored);

inline std::optional<std::int64_t> to_microseconds(
    const std::optional<base::system_time>& moment) noexcept {
  return moment ? std::optional(to_microseconds(*moment)) : std::nullopt;
}

inline std::optional<base::system_time> from_microseconds(
    const std::optional<std::int64_t>& microseconds) noexcept {
  return microseconds ? std::optional(from_microseconds(*microseconds)) : std::nullopt;
}

template <typename Number>
std::optional<std::int64_t> to_stored(const std::optional<Number>& number) noexcept {
  return number ? std::optional(to_stored(static_cast<std::uint64_t>(*number))) : std::nullopt;
}

template <typename Number>
std::optional<Number> from_stored(const std::optional<std::int64_t>& number) noexcept {
  return number ? std::optional(static_cast<Number>(*number)) : std::nullopt;
}

template <typename Enum>
Enum stored_enum(const std::string& text) {
  return models::parse_enum<Enum>(text).value_or(Enum{});
}

}
