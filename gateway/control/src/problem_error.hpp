#pragma once

#include <string_view>

#include "httvps/base/error.hpp"

namespace httvps::gateway {

struct heard_problem {
  int status = 0;
  std::string_view code;
};

base::error error_of_problem(const heard_problem& heard);

}
