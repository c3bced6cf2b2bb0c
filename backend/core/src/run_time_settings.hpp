#pragma once

#include "httvps/backend/core/settings.hpp"
#include "httvps/backend/services/live_settings.hpp"

namespace httvps::backend::core {

services::live_settings configured_in(const backend_settings& chosen);
services::usage_retention retention_in(const services::live_settings& live);
services::pruning_terms pruning_in(const services::live_settings& live);

}
