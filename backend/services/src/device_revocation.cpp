#include "device_regions.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/device_service.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/withdrawal_service.hpp"

namespace httvps::backend::services {

base::result<models::device> device_service::revoke_in(repositories& tables,
                                                       const change_author& author,
                                                       const revocation& wanted) const {
  auto known = wanted.device;
  if (known.state == models::device_state::revoked) {
    return known;
  }
  auto before = audit_document(known);
  known.state = models::device_state::revoked;
  known.revoked_at = tools_.clock.system_now();
  HTTVPS_CHECK(tables.devices.update(known));
  HTTVPS_CHECK(advance_revocation_version(tables));
  HTTVPS_CHECK(record_change(tables, tools_, author,
                             {.action = "device.revoke",
                              .object = known.id.text(),
                              .detail = wanted.detail,
                              .before = std::move(before),
                              .after = audit_document(known)}));
  return known;
}

base::result<models::device> device_service::revoke(const admin_actor& actor,
                                                    const models::device_id& device) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::device> {
    HTTVPS_TRY(auto known, required(tables.devices.find(device), errc::device_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    HTTVPS_TRY(auto revoked, revoke_in(tables, author_of(actor), {.device = std::move(known)}));
    return with_last_region(tables, std::move(revoked));
  });
}

base::result<models::device> device_service::revoke_own(const device_actor& actor,
                                                        const models::device_id& device) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::device> {
    HTTVPS_TRY(const auto asking, required(tables.devices.find(actor.id), errc::token_invalid));
    if (asking.state == models::device_state::revoked) {
      return base::fail(errc::device_revoked);
    }
    HTTVPS_TRY(auto known, required(tables.devices.find(device), errc::device_not_found));
    if (known.subscription != asking.subscription) {
      return base::fail(errc::device_not_found);
    }
    const change_author author{.id = asking.id.text(),
                               .name = asking.name,
                               .address = actor.address,
                               .request_id = actor.request_id};
    return revoke_in(tables, author, {.device = std::move(known), .detail = actor.gateway.text()});
  });
}

}
