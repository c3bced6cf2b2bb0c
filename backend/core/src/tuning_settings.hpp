#pragma once

#include <vector>

#include "httvps/backend/core/settings.hpp"

namespace httvps::backend::core {

std::vector<base::property> accounting_properties();
std::vector<base::property> pruning_properties();
std::vector<base::property> rate_properties();
void read_accounting(const base::settings& source, backend_settings& chosen);
void read_rates(const base::settings& source, backend_settings& chosen);

}
