#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "complaint.hpp"

namespace httvps::ctl {

struct host_command {
  std::string_view name;
  std::vector<std::string_view> words;
  std::vector<std::string_view> flags;
  std::string_view summary;
};

std::span<const host_command> host_commands();
const host_command* find_host_command(std::string_view name);
outcome<> become_backend(const host_command& wanted, std::span<const char* const> options);

}
