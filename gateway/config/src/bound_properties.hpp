#pragma once

#include <vector>

#include "httvps/base/property.hpp"

namespace httvps::gateway {

std::vector<base::property> bound_properties();
std::vector<base::property> usage_properties();

}
