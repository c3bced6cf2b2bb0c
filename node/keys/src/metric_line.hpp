#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/base/error.hpp"

namespace httvps::node {

inline constexpr std::size_t labels_most = 8;

struct metric_label {
  std::string_view name;
  std::string value;
};

struct metric_line {
  std::string_view name;
  std::array<metric_label, labels_most> labels = {};
  std::size_t label_count = 0;
  double value = 0;

  std::string_view label(std::string_view wanted) const noexcept;
};

std::string_view metric_name_of(std::string_view line) noexcept;
base::result<metric_line> parse_metric_line(std::string_view line);

}
