#include "httvps/backend/services/account_service.hpp"
#include "life_cycles.hpp"

namespace httvps::backend::services {
namespace {

base::result<> require_right(const admin_actor& actor, const user_amendment& wanted) {
  const bool is_note_alone = !wanted.name && !wanted.email;
  const bool may = is_note_alone || models::reaches(actor.role, models::admin_role::admin);
  return may ? base::result<>() : base::fail(errc::role_denied);
}

}

base::result<models::user> account_service::user(const models::user_id& id) const {
  return required(
      read_from(tools_.storage, [&](repositories& tables) { return tables.users.find(id); }),
      errc::user_not_found);
}

base::result<models::user> account_service::change_user(const admin_actor& actor,
                                                        const models::user_id& id,
                                                        const user_amendment& wanted) const {
  HTTVPS_CHECK(require_right(actor, wanted));
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::user> {
    HTTVPS_TRY(const auto known, required(tables.users.find(id), errc::user_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    if (known.state == models::user_state::deleted) {
      return base::fail(errc::user_deleted);
    }
    auto changed = known;
    amend(changed.name, wanted.name);
    amend(changed.email, wanted.email);
    amend(changed.note, wanted.note);
    HTTVPS_CHECK(save_amendment({.tables = tables, .tools = tools_, .actor = actor}, tables.users,
                                record_amendment<models::user>{
                                    .action = "user.change", .before = known, .after = changed}));
    return changed;
  });
}

base::result<> account_service::remove_user(const admin_actor& actor,
                                            const models::user_id& id) const {
  HTTVPS_CHECK(require_life_cycles(tools_));
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    const change_scope scope{.tables = tables, .tools = tools_, .actor = actor};
    HTTVPS_TRY(const auto known, required(tables.users.find(id), errc::user_not_found));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    if (known.state == models::user_state::deleted) {
      return {};
    }
    HTTVPS_TRY(const auto live, tables.subscriptions.find_live(id));
    if (live) {
      HTTVPS_CHECK(cancel_in(scope, *live));
    }
    HTTVPS_CHECK(revoke_devices_of(scope, id));
    HTTVPS_CHECK(advance_revocation_version(tables));
    auto deleted = known;
    deleted.state = models::user_state::deleted;
    deleted.deleted_at = tools_.clock.system_now();
    HTTVPS_CHECK(save_amendment(scope, tables.users,
                                record_amendment<models::user>{
                                    .action = "user.delete", .before = known, .after = deleted}));
    return {};
  });
}

}
