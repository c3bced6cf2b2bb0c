#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

base::result<> record_change(repositories& tables, const service_tools& tools,
                             const admin_actor& actor, const admin_change& change) {
  const auto now = tools.clock.system_now();
  return tables.audit.append({.id = models::audit_id::make(now, tools.random),
                              .at = now,
                              .actor = actor.id.text(),
                              .request_id = actor.request_id,
                              .action = std::string(change.action),
                              .object = std::string(change.object),
                              .detail = std::string(change.detail)});
}

}
