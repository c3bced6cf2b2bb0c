#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "complaint.hpp"

namespace httvps::ctl {

struct host_verb {
  std::string_view name;
  std::vector<std::string_view> flags;
};

struct host_command {
  std::string_view name;
  std::vector<std::string_view> words;
  std::vector<std::string_view> flags;
  std::string_view summary;
  std::vector<host_verb> verbs = {};
};

std::span<const host_command> host_commands();
const host_command* find_host_command(std::string_view name);
std::span<const std::string_view> flags_of(const host_command& one, std::string_view verb);
std::vector<std::string> backend_words(const host_command& wanted,
                                       std::span<const char* const> options);
outcome<> become_backend(const host_command& wanted, std::span<const char* const> options);

}
