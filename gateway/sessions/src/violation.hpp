#pragma once

#include "httvps/base/error.hpp"

namespace httvps::gateway {

bool is_violation(const base::error& failure) noexcept;

}
