#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "httvps/node/config/settings.hpp"

namespace httvps::node {

enum class finding_grade : std::uint8_t { good, missing };

struct finding {
  finding_grade grade = finding_grade::good;
  std::string subject;
  std::string sentence;
};

std::vector<finding> check_host(const node_settings& settings);
bool is_anything_missing(const std::vector<finding>& findings) noexcept;
std::string to_text(const std::vector<finding>& findings);

}
