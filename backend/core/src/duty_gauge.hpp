#pragma once

#include <functional>
#include <string_view>

#include "httvps/base/metrics.hpp"

namespace httvps::backend::core {

void add_duty_gauge(base::metric_registry& metrics, std::string_view name,
                    std::function<bool()> holds);

}
