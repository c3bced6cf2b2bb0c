#pragma once

#include "command.hpp"

namespace httvps::ctl {

std::string_view embedded_document();
int run_program(int count, const char* const* words);

}
