#pragma once

#include <optional>
#include <string>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

std::optional<models::device_id> proven_holder(const service_tools& tools,
                                               const models::gateway_id& gateway,
                                               const std::string& token);

}
