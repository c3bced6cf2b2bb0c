#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace httvps::backend::selection {

struct rotation_entry {
  double weight = 0;
  double credit = 0;
  bool is_open = true;
};

std::optional<std::size_t> next_in_rotation(std::span<const rotation_entry> entries) noexcept;
std::optional<std::size_t> turn_rotation(std::span<rotation_entry> entries) noexcept;

}
