#pragma once

#include "httvps/backend/services/node_service.hpp"

namespace httvps::backend::services {

base::result<> check_terms(const service_tools& tools, const models::node& node);
base::result<models::node> require_node(repositories& tables, const models::node_id& id);
base::result<node_report> report_on_node(repositories& tables, const service_tools& tools,
                                         models::node node);

}
