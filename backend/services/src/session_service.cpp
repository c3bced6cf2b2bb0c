#include "httvps/backend/services/session_service.hpp"

#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"
#include "own_account.hpp"

namespace httvps::backend::services {

base::result<> session_service::require_schema() const {
  return tools_.storage.schema_version() >= admins_schema ? base::result<>()
                                                          : base::fail(errc::schema_too_old);
}

base::result<models::admin> session_service::verified_account(const login_order& wanted) const {
  HTTVPS_TRY(const auto found, read_from(tools_.storage, [&](repositories& tables) {
               return tables.admins.find_by_name(wanted.name);
             }));
  if (!found) {
    HTTVPS_CHECK(passwords_.verify_nothing(wanted.password));
    return base::fail(errc::login_refused);
  }
  HTTVPS_TRY(const auto fits, passwords_.verify(found->password_hash, wanted.password));
  if (!fits) {
    return base::fail(errc::login_refused);
  }
  return *found;
}

base::result<opened_session> session_service::open_session(repositories& tables,
                                                           const login_order& wanted,
                                                           const models::admin& account) const {
  const auto now = tools_.clock.system_now();
  auto issued = issue_secret(admin_token_prefix, tools_.random);
  const models::admin_token session{.id = models::admin_token_id::make(now, tools_.random),
                                    .kind = models::admin_token_kind::session,
                                    .owner = account.id,
                                    .name = "login",
                                    .hash = issued.hash,
                                    .role = account.role,
                                    .created_at = now,
                                    .expires_at = now + models::longest_session};
  HTTVPS_CHECK(tables.admin_tokens.insert(session));
  const admin_actor actor{.id = account.id,
                          .name = account.name,
                          .request_id = wanted.request_id,
                          .address = wanted.address};
  HTTVPS_CHECK(record_change(
      tables, tools_, actor,
      {.action = "session.open", .object = session.id.text(), .after = audit_document(session)}));
  return opened_session{
      .account = account, .token = std::move(issued.text), .expires_at = session.expires_at};
}

base::result<opened_session> session_service::login(const login_order& wanted) const {
  HTTVPS_CHECK(require_schema());
  HTTVPS_TRY(const auto verified, verified_account(wanted));
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<opened_session> {
    HTTVPS_TRY(auto account, required(tables.admins.find(verified.id), errc::login_refused));
    if (account.state == models::admin_state::disabled ||
        account.password_hash != verified.password_hash) {
      return base::fail(errc::login_refused);
    }
    if (account.totp == models::totp_state::on) {
      if (wanted.code.empty()) {
        return base::fail(errc::totp_required);
      }
      if (!spend_code(tables, account, wanted.code)) {
        return base::fail(errc::login_refused);
      }
    }
    return open_session(tables, wanted, account);
  });
}

base::result<> session_service::logout(const admin_actor& actor) const {
  HTTVPS_CHECK(require_session(actor));
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    auto session = *actor.token;
    auto before = audit_document(session);
    session.revoked_at = tools_.clock.system_now();
    HTTVPS_CHECK(tables.admin_tokens.update(session));
    return record_change(tables, tools_, actor,
                         {.action = "session.close",
                          .object = session.id.text(),
                          .before = std::move(before),
                          .after = audit_document(session)});
  });
}

base::result<models::admin> session_service::account(const admin_actor& actor) const {
  HTTVPS_CHECK(require_session(actor));
  return read_from(tools_.storage,
                   [&](repositories& tables) { return own_account(tables, actor); });
}

base::result<> session_service::check_own_password(const models::admin& account,
                                                   const base::secret_bytes& password) const {
  HTTVPS_TRY(const auto fits, passwords_.verify(account.password_hash, password));
  return fits ? base::result<>() : base::fail(errc::password_wrong);
}

base::result<> session_service::change_password(const admin_actor& actor,
                                                const password_change& wanted) const {
  HTTVPS_TRY(const auto known, account(actor));
  HTTVPS_CHECK(check_own_password(known, wanted.present));
  HTTVPS_TRY(const auto hash, passwords_.hash(wanted.fresh));
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(auto present, own_account(tables, actor));
    if (present.password_hash != known.password_hash) {
      return base::fail(errc::password_wrong);
    }
    present.password_hash = hash;
    HTTVPS_CHECK(tables.admins.update(present));
    HTTVPS_CHECK(tables.admin_tokens.end_sessions(
        {.owner = present.id, .except = actor.token->id, .at = tools_.clock.system_now()}));
    return record_change(tables, tools_, actor,
                         {.action = "admin.change_password", .object = present.id.text()});
  });
}

}
