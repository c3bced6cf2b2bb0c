#pragma once

#include "arguments.hpp"

namespace httvps::ctl {

outcome<> verdict_on_books(const json::value& proof);

}
