#include "httvps/backend/services/usage_months.hpp"

#include <fmt/format.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_service.hpp"

namespace httvps::backend::services {

std::string key_of(const models::monthly_share& share) {
  return fmt::format("{}/{}/{}", share.month, share.device.text(), share.node.text());
}

base::result<std::uint64_t> usage_months::run() const {
  if (tools_.storage.schema_version() < usage_month_schema) {
    return 0;
  }
  const old_days wanted{.before = models::day_of(tools_.clock.system_now() - kept_),
                        .most = most_days_taken_over};
  std::uint64_t moved = 0;
  for (int taken = 0; taken < most_take_overs; ++taken) {
    HTTVPS_TRY(const auto rows, write_to(tools_.storage, [&](repositories& tables) {
                 return tables.months.take_over(wanted);
               }));
    moved += rows;
    if (rows < wanted.most) {
      break;
    }
  }
  return moved;
}

base::result<models::page<models::monthly_share>> usage_service::months(
    const month_filter& filter, const models::page_request& page) const {
  if (tools_.storage.schema_version() < usage_month_schema) {
    return base::fail(errc::schema_too_old);
  }
  return read_from(tools_.storage,
                   [&](repositories& tables) { return tables.months.list(filter, page); });
}

}
