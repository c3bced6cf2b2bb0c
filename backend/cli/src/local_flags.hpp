#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace httvps::ctl {

enum class flag_use { alone, with_value };

struct local_flag {
  std::string_view group;
  std::string_view verb;
  std::string_view flag;
  flag_use use = flag_use::with_value;
  std::vector<std::string_view> choices = {};
};

std::span<const local_flag> local_flags();

}
