#pragma once

#include "httvps/backend/services/usage_service.hpp"

namespace httvps::backend::services {

base::result<> stay_within(const usage_bounds& bounds, repositories& tables,
                           const service_tools& tools, const accepted_usage& accepted);

}
