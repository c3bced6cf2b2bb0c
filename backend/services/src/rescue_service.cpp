#include "httvps/backend/services/rescue_service.hpp"

#include "httvps/backend/services/audit_chain.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {

base::result<> rescue_service::require_schema() const {
  const auto present = parts_.storage.schema_version();
  return present >= admins_schema && present >= audit_chain_schema
             ? base::result<>()
             : base::fail(errc::schema_too_old);
}

base::result<> rescue_service::record(repositories& tables, models::audit_line line) const {
  line.at = parts_.clock.system_now();
  line.id = models::audit_id::make(line.at, parts_.random);
  line.actor = "local";
  line.actor_name = "local operator";
  return append_audit_line(tables, std::move(line));
}

base::result<> rescue_service::reset_admin(const std::string& name,
                                           const base::secret_bytes& password,
                                           password_hasher& passwords) const {
  HTTVPS_CHECK(require_schema());
  HTTVPS_TRY(const auto hash, passwords.hash(password));
  return parts_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto account, required(tables.admins.find_by_name(name), errc::admin_not_found));
    models::audit_line line{.action = "rescue.reset_admin",
                            .object = account.id.text(),
                            .detail = "password",
                            .before = audit_document(account)};
    account.password_hash = hash;
    account.totp = models::totp_state::off;
    account.totp_sealed.clear();
    HTTVPS_CHECK(tables.admins.update(account));
    HTTVPS_CHECK(tables.recovery_codes.remove_all(account.id));
    HTTVPS_CHECK(
        tables.admin_tokens.end_sessions({.owner = account.id, .at = parts_.clock.system_now()}));
    line.after = audit_document(account);
    return record(tables, std::move(line));
  });
}

base::result<> rescue_service::unlock(const std::string& name) const {
  HTTVPS_CHECK(require_schema());
  return parts_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto account, required(tables.admins.find_by_name(name), errc::admin_not_found));
    models::audit_line line{
        .action = "rescue.unlock", .object = account.id.text(), .before = audit_document(account)};
    account.state = models::admin_state::active;
    HTTVPS_CHECK(tables.admins.update(account));
    line.after = audit_document(account);
    return record(tables, std::move(line));
  });
}

}
