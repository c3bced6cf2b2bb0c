#pragma once

#include <vector>

#include "httvps/backend/core/settings.hpp"

namespace httvps::backend::core {

std::vector<base::property> metrics_properties();
void read_metrics(const base::settings& source, backend_settings& chosen,
                  std::vector<base::setting_problem>& problems);

}
