#pragma once

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

struct link_parts {
  const models::gateway& gateway;
  const models::enrolment_ticket& ticket;
  std::uint64_t config_version = 1;
};

base::result<base::secret_bytes> build_link(const service_tools& tools, const link_parts& parts);
base::result<models::gateway> approved_gateway(repositories& tables, const models::gateway_id& id);

}
