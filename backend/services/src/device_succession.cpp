#include "device_succession.hpp"

#include <fmt/format.h>

#include "httvps/backend/services/withdrawal_service.hpp"

namespace httvps::backend::services {

base::result<> take_devices_along(const change_scope& scope, const models::subscription& heir,
                                  const models::plan& terms) {
  HTTVPS_TRY(const auto found,
             scope.tables.devices.take_along(
                 {.user = heir.user, .heir = heir.id, .most = terms.device_limit}));
  if (found.taken == 0) {
    return {};
  }
  if (found.suspended > 0) {
    HTTVPS_CHECK(advance_revocation_version(scope.tables));
  }
  return record_change(scope.tables, scope.tools, scope.actor,
                       {.action = "subscription.take_devices",
                        .object = heir.id.text(),
                        .detail = fmt::format("{} taken, {} left", found.taken, found.left)});
}

}
