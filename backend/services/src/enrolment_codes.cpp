#include "enrolment_links.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/device_service.hpp"
#include "httvps/backend/services/documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::services {
namespace {

base::result<> require_codes(const service_tools& tools) {
  return tools.storage.schema_version() >= enrolment_code_schema ? base::result<>()
                                                                 : base::fail(errc::schema_too_old);
}

std::string hash_of(std::string_view canonical) {
  return hash_secret(std::string("enrolment-code:").append(canonical));
}

base::result<> make_room(repositories& tables, base::system_time now) {
  HTTVPS_CHECK(tables.enrolment_codes.forget_before(now - models::enrolment_code_memory));
  HTTVPS_TRY(const auto live, tables.enrolment_codes.count_live(now));
  return live < models::most_live_enrolment_codes ? base::result<>()
                                                  : base::fail(errc::too_many_enrolment_codes);
}

base::result<models::enrolment_code> takeable_code(repositories& tables,
                                                   const code_redemption& wanted,
                                                   base::system_time now) {
  const auto canonical = models::canonical_enrolment_code(wanted.code);
  const auto hash = hash_of(canonical.value_or(std::string()));
  HTTVPS_TRY(auto code, required(tables.enrolment_codes.find(hash), errc::enrolment_code_unknown));
  if (!canonical || !equal_hashes(code.hash, hash)) {
    return base::fail(errc::enrolment_code_unknown);
  }
  if (code.taken_by && !equal_hashes(*code.taken_by, wanted.device_key)) {
    return base::fail(errc::enrolment_code_spent);
  }
  if (now >= code.expires_at) {
    return base::fail(errc::enrolment_code_expired);
  }
  return code;
}

}

base::result<issued_code> device_service::issue_code(const admin_actor& actor,
                                                     const code_order& order) const {
  HTTVPS_CHECK(require_codes(tools_));
  const auto now = tools_.clock.system_now();
  const auto canonical = models::make_enrolment_code(tools_.random);
  const auto end = now + models::enrolment_code_life;
  const models::enrolment_ticket ticket{.id = models::ticket_id::make(now, tools_.random),
                                        .user = order.user,
                                        .gateway = order.gateway,
                                        .max_uses = 1,
                                        .expires_at = end + models::enrolment_after_code,
                                        .created_at = now};
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<issued_code> {
    HTTVPS_CHECK(required(tables.users.find(order.user), errc::user_not_found));
    HTTVPS_CHECK(
        required(tables.subscriptions.find_live(order.user), errc::subscription_not_found));
    HTTVPS_CHECK(approved_gateway(tables, order.gateway));
    HTTVPS_CHECK(make_room(tables, now));
    HTTVPS_CHECK(tables.tickets.insert(ticket));
    HTTVPS_CHECK(tables.enrolment_codes.insert(
        {.hash = hash_of(canonical), .ticket = ticket.id, .created_at = now, .expires_at = end}));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "enrolment_code.create",
                                .object = ticket.id.text(),
                                .detail = order.user.text(),
                                .after = audit_document(ticket)}));
    return issued_code{
        .ticket = ticket.id,
        .code = base::secret_bytes::from_text(models::shown_enrolment_code(canonical)),
        .expires_at = end};
  });
}

base::result<issued_link> device_service::redeem_code(const code_redemption& wanted) const {
  HTTVPS_CHECK(require_codes(tools_));
  const auto now = tools_.clock.system_now();
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<issued_link> {
    HTTVPS_TRY(auto code, takeable_code(tables, wanted, now));
    HTTVPS_TRY(const auto ticket,
               required(tables.tickets.find(code.ticket), errc::enrolment_code_unknown));
    if (ticket.revoked_at) {
      return base::fail(errc::ticket_revoked);
    }
    HTTVPS_TRY(const auto gateway, approved_gateway(tables, ticket.gateway));
    HTTVPS_TRY(const auto version, config_version(tables));
    HTTVPS_TRY(
        auto link,
        build_link(tools_, {.gateway = gateway, .ticket = ticket, .config_version = version}));
    if (!code.taken_by) {
      code.taken_by = wanted.device_key;
      code.taken_at = now;
      HTTVPS_CHECK(tables.enrolment_codes.update(code));
      const change_author author{.id = ticket.user.text(),
                                 .name = "enrolment code",
                                 .address = wanted.address,
                                 .request_id = wanted.request_id};
      HTTVPS_CHECK(record_change(tables, tools_, author,
                                 {.action = "enrolment_code.redeem", .object = ticket.id.text()}));
    }
    return issued_link{.link = std::move(link), .expires_at = ticket.expires_at};
  });
}

}
