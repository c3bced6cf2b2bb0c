#pragma once

#include <chrono>
#include <string>

#include "httvps/backend/services/service_tools.hpp"
#include "httvps/outline/management_client.hpp"

namespace httvps::backend::services {

base::result<std::string> seal_management(const service_tools& tools, const models::node_id& node,
                                          const base::secret_bytes& url,
                                          const std::string& certificate);
base::result<outline::management_client> open_management(const service_tools& tools,
                                                         const models::keyring& ring,
                                                         std::chrono::seconds exchange_limit);

}
