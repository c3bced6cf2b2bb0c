#pragma once

#include "httvps/backend/services/gateway_service.hpp"

namespace httvps::backend::services {

base::result<models::gateway> require_gateway(repositories& tables, const models::gateway_id& id);
gateway_report report_on_gateway(const node_fleet& fleet, models::gateway gateway);

}
