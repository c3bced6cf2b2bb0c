#pragma once

#include "amending.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/withdrawal_service.hpp"

namespace httvps::backend::services {

inline base::result<> require_life_cycles(const service_tools& tools) {
  return tools.storage.schema_version() >= life_cycle_schema ? base::result<>()
                                                             : base::fail(errc::schema_too_old);
}

inline base::result<> check_start(const service_tools& tools, const models::plan& terms) {
  const bool is_kept =
      terms.start == models::plan_start::now || tools.storage.schema_version() >= first_use_schema;
  return is_kept ? base::result<>() : base::fail(errc::schema_too_old);
}

base::result<std::uint32_t> revoke_devices_of(const change_scope& scope,
                                              const models::user_id& user);
base::result<models::subscription> cancel_in(const change_scope& scope,
                                             const models::subscription& known);

}
