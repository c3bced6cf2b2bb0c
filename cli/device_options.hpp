#pragma once

#include <CLI/CLI.hpp>

#include "commands/commands.hpp"

namespace httvps::cli {

void declare_device_commands(CLI::App& program, device_command& command);
bool is_device_command(const CLI::App& program);
device_command chosen_command(const CLI::App& program, device_command parsed);

}
