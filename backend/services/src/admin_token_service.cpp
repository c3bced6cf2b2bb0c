#include "httvps/backend/services/admin_token_service.hpp"

#include <algorithm>

#include "amending.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::services {
namespace {

std::vector<std::string> scopes_for(const admin_actor& actor, const new_admin_token& wanted) {
  return wanted.scopes.empty() ? actor.scopes : wanted.scopes;
}

bool may_grant_operations(const admin_actor& actor, const std::vector<std::string>& scopes) {
  const bool are_wanted = std::ranges::find(scopes, models::operations_scope) != scopes.end();
  return !are_wanted || actor.role == models::admin_role::admin || holds_operations(actor);
}

base::result<> check_grant(const admin_actor& actor, const new_admin_token& wanted) {
  if (!may_grant_operations(actor, wanted.scopes)) {
    return base::fail(errc::grant_exceeds_own);
  }
  if (!models::reaches(actor.role, wanted.role) ||
      !models::covers_scopes(actor.scopes, scopes_for(actor, wanted))) {
    return base::fail(errc::grant_exceeds_own);
  }
  return {};
}

bool may_see(const admin_actor& actor, const models::admin_token& token) {
  const bool is_token = token.kind == models::admin_token_kind::token;
  return is_token && (actor.role == models::admin_role::admin || token.owner == actor.id);
}

}

base::result<> admin_token_service::require_schema() const {
  return tools_.storage.schema_version() >= admin_tokens_schema ? base::result<>()
                                                                : base::fail(errc::schema_too_old);
}

base::result<created_admin_token> admin_token_service::create(const admin_actor& actor,
                                                              const new_admin_token& wanted) const {
  HTTVPS_CHECK(require_schema());
  HTTVPS_CHECK(check_grant(actor, wanted));
  const auto now = tools_.clock.system_now();
  auto issued = issue_secret(admin_token_prefix, tools_.random);
  const models::admin_token token{.id = models::admin_token_id::make(now, tools_.random),
                                  .kind = models::admin_token_kind::token,
                                  .owner = actor.id,
                                  .name = wanted.name,
                                  .hash = issued.hash,
                                  .role = wanted.role,
                                  .scopes = scopes_for(actor, wanted),
                                  .created_at = now,
                                  .expires_at = now + wanted.valid};
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.admin_tokens.insert(token));
    return record_change(
        tables, tools_, actor,
        {.action = "token.create", .object = token.id.text(), .after = audit_document(token)});
  }));
  return created_admin_token{.token = token, .secret = std::move(issued.text)};
}

base::result<models::page<models::admin_token>> admin_token_service::list(
    const admin_actor& actor, const models::page_request& wanted) const {
  HTTVPS_CHECK(require_schema());
  admin_token_filter filter{.wanted = wanted};
  if (actor.role != models::admin_role::admin) {
    filter.owner = actor.id;
  }
  return read_from(tools_.storage,
                   [&](repositories& tables) { return tables.admin_tokens.list(filter); });
}

base::result<models::admin_token> admin_token_service::visible(
    repositories& tables, const admin_actor& actor, const models::admin_token_id& id) const {
  HTTVPS_TRY(auto token, required(tables.admin_tokens.find(id), errc::admin_token_not_found));
  if (!may_see(actor, token)) {
    return base::fail(errc::admin_token_not_found);
  }
  return token;
}

base::result<models::admin_token> admin_token_service::find(
    const admin_actor& actor, const models::admin_token_id& id) const {
  HTTVPS_CHECK(require_schema());
  return read_from(tools_.storage,
                   [&](repositories& tables) { return visible(tables, actor, id); });
}

base::result<models::admin_token> admin_token_service::rename(
    const admin_actor& actor, const models::admin_token_id& id,
    const std::optional<std::string>& name) const {
  HTTVPS_CHECK(require_schema());
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::admin_token> {
    HTTVPS_TRY(const auto known, visible(tables, actor, id));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    auto renamed = known;
    amend(renamed.name, name);
    HTTVPS_CHECK(save_amendment({.tables = tables, .tools = tools_, .actor = actor},
                                tables.admin_tokens,
                                record_amendment<models::admin_token>{
                                    .action = "token.rename", .before = known, .after = renamed}));
    return renamed;
  });
}

base::result<models::admin_token> admin_token_service::revoke(
    const admin_actor& actor, const models::admin_token_id& id) const {
  HTTVPS_CHECK(require_schema());
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::admin_token> {
    HTTVPS_TRY(auto token, visible(tables, actor, id));
    HTTVPS_CHECK(require_match(actor, tag_of(token)));
    if (token.revoked_at) {
      return token;
    }
    auto before = audit_document(token);
    token.revoked_at = tools_.clock.system_now();
    HTTVPS_CHECK(tables.admin_tokens.update(token));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "token.revoke",
                                .object = id.text(),
                                .before = std::move(before),
                                .after = audit_document(token)}));
    return token;
  });
}

base::result<> admin_token_service::forget_old_sessions() const {
  if (!require_schema()) {
    return {};
  }
  const auto now = tools_.clock.system_now();
  return tools_.storage.write(
      [&](repositories& tables) { return tables.admin_tokens.forget_before(now); });
}

}
