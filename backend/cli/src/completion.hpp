#pragma once

#include <span>

#include "command.hpp"

namespace httvps::ctl {

inline constexpr std::string_view completion_word = "__complete";

std::vector<std::string> complete(const command_tree& tree, std::span<const std::string> words);
outcome<std::string> completion_script(std::string_view shell);

}
