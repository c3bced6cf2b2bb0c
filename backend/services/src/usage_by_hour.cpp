#include <fmt/format.h>

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/usage_service.hpp"

namespace httvps::backend::services {

std::string key_of(const models::hourly_share& share) {
  return fmt::format("{}/{}/{}", share.hour, share.node.text(), share.gateway.text());
}

std::string key_of(const models::session_traffic& held) {
  return fmt::format("{}/{}/{}/{}", held.key.gateway.text(), held.key.epoch, held.key.number,
                     held.node.text());
}

base::result<models::page<models::session_traffic>> usage_service::held(
    const std::optional<models::gateway_id>& gateway, const models::page_request& page) const {
  return read_from(tools_.storage,
                   [&](repositories& tables) { return tables.quarantine.list(gateway, page); });
}

base::result<models::page<models::hourly_share>> usage_service::hours(
    const hour_filter& wanted, const models::page_request& page) const {
  using share_page = models::page<models::hourly_share>;
  if (tools_.storage.schema_version() < usage_journal_schema) {
    return base::fail(errc::schema_too_old);
  }
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<share_page> {
    HTTVPS_TRY(auto found, tables.hours.page(
                               {.hours = {.first = wanted.day + "T00", .last = wanted.day + "T23"},
                                .node = wanted.node,
                                .gateway = wanted.gateway,
                                .after = page.after,
                                .most = page.size + 1}));
    const bool more = found.size() > page.size;
    if (more) {
      found.pop_back();
    }
    return share_page{.items = std::move(found), .more = more};
  });
}

base::result<day_drift> usage_service::drift(const std::optional<std::string>& day) const {
  return usage_cross_check(tools_).on(day);
}

}
