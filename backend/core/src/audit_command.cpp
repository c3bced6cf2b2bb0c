#include "audit_command.hpp"

#include <fmt/format.h>

#include <cstdio>

#include "httvps/backend/services/audit_service.hpp"
#include "httvps/backend/storage/sql_store.hpp"

namespace httvps::backend {

base::result<audit_outcome> verify_audit(const core::backend_settings& chosen) {
  HTTVPS_TRY(const auto store, storage::sql_store::open({.address = chosen.database,
                                                         .connections = 1,
                                                         .patience = chosen.database_patience}));
  HTTVPS_CHECK(store->check_schema());
  const services::audit_service audit(
      {.storage = *store, .clock = base::real_clock(), .random = base::secure_random()});
  HTTVPS_TRY(const auto verdict, audit.verify());
  if (verdict.fault) {
    fmt::print(stderr, "httvps-backend: the audit log is broken at line {}. {}\n",
               verdict.fault->seq, verdict.fault->sentence);
    return audit_outcome::broken;
  }
  fmt::print("{} lines are whole; the last is {} with hash {}\n", verdict.lines, verdict.tip.seq,
             verdict.tip.hash);
  return audit_outcome::whole;
}

}
