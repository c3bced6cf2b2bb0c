#include "httvps/backend/services/admin_service.hpp"

#include "amending.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

bool administers(const models::admin& account) noexcept {
  return account.role == models::admin_role::admin && account.state == models::admin_state::active;
}

base::result<> require_one_left(repositories& tables) {
  HTTVPS_TRY(const auto left, tables.admins.count_active(models::admin_role::admin));
  return left > 0 ? base::result<>() : base::fail(errc::last_admin);
}

base::result<> require_every_scope(const admin_actor& actor) {
  return actor.scopes.empty() ? base::result<>() : base::fail(errc::grant_exceeds_own);
}

models::admin amended(models::admin account, const admin_amendment& wanted,
                      const std::string& hash) {
  amend(account.name, wanted.name);
  amend(account.role, wanted.role);
  amend(account.state, wanted.state);
  account.password_hash = hash.empty() ? account.password_hash : hash;
  return account;
}

}

base::result<> admin_service::require_schema() const {
  return tools_.storage.schema_version() >= admins_schema ? base::result<>()
                                                          : base::fail(errc::schema_too_old);
}

base::result<models::admin> admin_service::create(const admin_actor& actor,
                                                  const new_admin& wanted) const {
  HTTVPS_CHECK(require_schema());
  HTTVPS_CHECK(require_every_scope(actor));
  if (!models::reaches(actor.role, wanted.role)) {
    return base::fail(errc::grant_exceeds_own);
  }
  HTTVPS_TRY(auto hash, passwords_.hash(wanted.password));
  const auto now = tools_.clock.system_now();
  const models::admin made{.id = models::admin_id::make(now, tools_.random),
                           .name = wanted.name,
                           .role = wanted.role,
                           .state = models::admin_state::active,
                           .password_hash = std::move(hash),
                           .created_at = now};
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.admins.insert(made));
    return record_change(
        tables, tools_, actor,
        {.action = "admin.create", .object = made.id.text(), .after = audit_document(made)});
  }));
  return made;
}

base::result<models::page<models::admin>> admin_service::list(
    const models::page_request& wanted) const {
  HTTVPS_CHECK(require_schema());
  return read_from(tools_.storage,
                   [&](repositories& tables) { return tables.admins.list(wanted); });
}

base::result<models::admin> admin_service::find(const models::admin_id& id) const {
  HTTVPS_CHECK(require_schema());
  return required(
      read_from(tools_.storage, [&](repositories& tables) { return tables.admins.find(id); }),
      errc::admin_not_found);
}

base::result<models::admin> admin_service::amend(const admin_actor& actor,
                                                 const models::admin_id& id,
                                                 const admin_amendment& wanted) const {
  HTTVPS_CHECK(require_schema());
  HTTVPS_CHECK(require_every_scope(actor));
  std::string hash;
  if (wanted.password) {
    HTTVPS_TRY(hash, passwords_.hash(*wanted.password));
  }
  const auto now = tools_.clock.system_now();
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::admin> {
    HTTVPS_TRY(const auto known, required(tables.admins.find(id), errc::admin_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    auto before = audit_document(known);
    auto account = amended(known, wanted, hash);
    if (!wanted.password && audit_document(account) == before) {
      return account;
    }
    HTTVPS_CHECK(tables.admins.update(account));
    if (administers(known) && !administers(account)) {
      HTTVPS_CHECK(require_one_left(tables));
    }
    if (wanted.password || account.state == models::admin_state::disabled) {
      HTTVPS_CHECK(tables.admin_tokens.end_sessions({.owner = id, .at = now}));
    }
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "admin.change",
                                .object = id.text(),
                                .detail = wanted.password ? "password" : "",
                                .before = std::move(before),
                                .after = audit_document(account)}));
    return account;
  });
}

base::result<models::admin> admin_service::reset_totp(const admin_actor& actor,
                                                      const models::admin_id& id) const {
  HTTVPS_CHECK(require_schema());
  HTTVPS_CHECK(require_every_scope(actor));
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::admin> {
    HTTVPS_TRY(auto account, required(tables.admins.find(id), errc::admin_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(account)));
    auto before = audit_document(account);
    account.totp = models::totp_state::off;
    account.totp_sealed.clear();
    HTTVPS_CHECK(tables.admins.update(account));
    HTTVPS_CHECK(tables.recovery_codes.remove_all(id));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "admin.reset_totp",
                                .object = id.text(),
                                .before = std::move(before),
                                .after = audit_document(account)}));
    return account;
  });
}

base::result<> admin_service::remove(const admin_actor& actor, const models::admin_id& id) const {
  HTTVPS_CHECK(require_schema());
  HTTVPS_CHECK(require_every_scope(actor));
  const auto now = tools_.clock.system_now();
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto known, required(tables.admins.find(id), errc::admin_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    HTTVPS_CHECK(tables.admin_tokens.end_all(id, now));
    HTTVPS_CHECK(tables.recovery_codes.remove_all(id));
    HTTVPS_CHECK(tables.admins.remove(id));
    if (administers(known)) {
      HTTVPS_CHECK(require_one_left(tables));
    }
    return record_change(
        tables, tools_, actor,
        {.action = "admin.delete", .object = id.text(), .before = audit_document(known)});
  });
}

}
