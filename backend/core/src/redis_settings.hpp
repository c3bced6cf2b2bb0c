#pragma once

#include <vector>

#include "httvps/backend/core/settings.hpp"

namespace httvps::backend::core {

std::vector<base::property> redis_properties();
bool sends_password_in_clear(const shared::redis_address& address);
void warn_of_redis(const backend_settings& chosen, const base::logger& log);
void read_redis(const base::settings& source, backend_settings& chosen,
                std::vector<base::setting_problem>& problems);

}
