#pragma once

#include <span>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

base::result<> add_last_regions(repositories& tables, std::span<models::device> devices);
base::result<models::device> with_last_region(repositories& tables, models::device device);

}
