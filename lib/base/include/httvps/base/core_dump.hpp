#pragma once

#include "httvps/base/error.hpp"

namespace httvps::base {

result<> forbid_core_dumps();
bool are_core_dumps_forbidden();

void forbid_core_dumps_or_warn(const char* program);

}
