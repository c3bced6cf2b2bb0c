#pragma once

#include "httvps/backend/services/usage_service.hpp"

namespace httvps::backend::services {

accepted_usage accept(const service_tools& tools, const models::gateway& gateway,
                      const usage_report& report);
base::result<usage_receipt> take_in(repositories& tables, const service_tools& tools,
                                    const accepted_usage& accepted, const std::string& digest);

}
