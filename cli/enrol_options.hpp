#pragma once

#include <CLI/CLI.hpp>

#include "commands/commands.hpp"

namespace httvps::cli {

void declare_enrol(CLI::App& program, enrol_command& command);

}
