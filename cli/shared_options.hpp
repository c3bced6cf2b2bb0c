#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace httvps::cli {

void declare_state_folder(CLI::App& page, std::string& folder);
void declare_dialled_place(CLI::App& page, std::string& place, const std::string& when = "");

}
