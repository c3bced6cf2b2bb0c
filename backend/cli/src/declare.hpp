#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "local_orders.hpp"
#include "run_operation.hpp"

namespace httvps::ctl {

struct parsed_line {
  global_options globals;
  operation_order order;
  local_orders local;
  std::function<outcome<>()> run;
};

void declare_globals(CLI::App& program, global_options& chosen);
void declare_operation(CLI::App& group, const command_tree& tree, const command& one,
                       parsed_line& line);
void declare_commands(CLI::App& program, const command_tree& tree, parsed_line& line);
void declare_locals(CLI::App& program, const command_tree& tree, parsed_line& line);
CLI::App& group_in(CLI::App& program, std::string_view group);

}
