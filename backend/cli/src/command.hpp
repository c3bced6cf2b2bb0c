#pragma once

#include "operation.hpp"

namespace httvps::ctl {

struct command {
  std::string group;
  std::string verb;
  operation runs;
};

enum class local_command {
  login,
  logout,
  whoami,
  doctor,
  commands,
  completion,
  audit_tail,
  audit_verify,
  usage_top
};

struct local_entry {
  local_command kind;
  std::string_view group;
  std::string_view verb;
  std::string_view summary;
};

struct command_tree {
  std::vector<command> commands;

  const command* find(std::string_view group, std::string_view verb) const;
  const command* find_operation(std::string_view method, std::string_view path) const;
  std::vector<std::string> groups() const;
};

std::vector<local_entry> local_commands();
std::string summary_of_group(std::string_view group);
command to_command(operation from);
outcome<command_tree> derive_commands(std::vector<operation> operations);

}
