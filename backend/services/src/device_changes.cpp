#include "device_regions.hpp"
#include "httvps/backend/services/device_service.hpp"
#include "life_cycles.hpp"

namespace httvps::backend::services {

base::result<models::device> device_service::find(const models::device_id& id) const {
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<models::device> {
    HTTVPS_TRY(auto known, required(tables.devices.find(id), errc::device_not_found));
    return with_last_region(tables, std::move(known));
  });
}

base::result<models::device> device_service::rename(const admin_actor& actor,
                                                    const models::device_id& id,
                                                    const std::optional<std::string>& name) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::device> {
    HTTVPS_TRY(const auto known, required(tables.devices.find(id), errc::device_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    auto renamed = known;
    amend(renamed.name, name);
    HTTVPS_CHECK(save_amendment({.tables = tables, .tools = tools_, .actor = actor}, tables.devices,
                                record_amendment<models::device>{
                                    .action = "device.change", .before = known, .after = renamed}));
    return with_last_region(tables, std::move(renamed));
  });
}

base::result<models::page<models::enrolment_ticket>> device_service::tickets(
    const ticket_filter& filter) const {
  return read_from(tools_.storage,
                   [&](repositories& tables) { return tables.tickets.list(filter); });
}

base::result<models::enrolment_ticket> device_service::ticket(const models::ticket_id& id) const {
  return required(
      read_from(tools_.storage, [&](repositories& tables) { return tables.tickets.find(id); }),
      errc::ticket_not_found);
}

base::result<models::enrolment_ticket> device_service::revoke_ticket(
    const admin_actor& actor, const models::ticket_id& id) const {
  using models::enrolment_ticket;
  HTTVPS_CHECK(require_life_cycles(tools_));
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<enrolment_ticket> {
    HTTVPS_TRY(const auto known, required(tables.tickets.find(id), errc::ticket_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    if (known.revoked_at) {
      return known;
    }
    auto revoked = known;
    revoked.revoked_at = tools_.clock.system_now();
    HTTVPS_CHECK(save_amendment(
        {.tables = tables, .tools = tools_, .actor = actor}, tables.tickets,
        record_amendment<enrolment_ticket>{
            .action = "enrolment_ticket.revoke", .before = known, .after = revoked}));
    return revoked;
  });
}

}
