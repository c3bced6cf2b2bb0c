#include "httvps/backend/services/service_tools.hpp"

#include <algorithm>

#include "httvps/backend/services/audit_chain.hpp"
#include "httvps/backend/services/claimed_change.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

base::result<> record_unchained(repositories& tables, const models::audit_line& line) {
  return tables.audit.append({.id = line.id,
                              .at = line.at,
                              .actor = line.actor,
                              .request_id = line.request_id,
                              .action = line.action,
                              .object = line.object,
                              .detail = line.detail});
}

}

bool holds_operations(const admin_actor& actor) noexcept {
  const auto& scopes = actor.scopes;
  return actor.token && actor.maker_role == models::admin_role::admin &&
         models::reaches(actor.role, models::admin_role::support) &&
         std::ranges::find(scopes, models::operations_scope) != scopes.end();
}

change_author author_of(const admin_actor& actor) {
  return {.id = actor.id.text(),
          .name = actor.name,
          .token = actor.token ? actor.token->id.text() : std::string(),
          .address = actor.address,
          .request_id = actor.request_id,
          .claim = actor.claim};
}

base::result<> require_match(const admin_actor& actor, const entity_tag& present) {
  return actor.condition.admits(present) ? base::result<>() : base::fail(errc::precondition_failed);
}

base::result<> record_change(repositories& tables, const service_tools& tools,
                             const admin_actor& actor, const admin_change& change) {
  return record_change(tables, tools, author_of(actor), change);
}

base::result<> record_change(repositories& tables, const service_tools& tools,
                             const change_author& author, const admin_change& change) {
  if (author.claim) {
    HTTVPS_CHECK(note_claimed_change(tables, *author.claim));
  }
  const auto now = tools.clock.system_now();
  models::audit_line line{.id = models::audit_id::make(now, tools.random),
                          .at = now,
                          .actor = author.id,
                          .actor_name = author.name,
                          .token = author.token,
                          .address = author.address,
                          .request_id = author.request_id,
                          .action = std::string(change.action),
                          .object = std::string(change.object),
                          .detail = std::string(change.detail),
                          .before = change.before,
                          .after = change.after};
  if (tools.storage.schema_version() < audit_chain_schema) {
    return record_unchained(tables, line);
  }
  return append_audit_line(tables, std::move(line));
}

}
