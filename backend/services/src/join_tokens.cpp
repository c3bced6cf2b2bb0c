#include "amending.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/gateway_service.hpp"
#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::services {
namespace {

base::result<> check_schema(const service_tools& tools) {
  return tools.storage.schema_version() >= join_token_schema ? base::result<>()
                                                             : base::fail(errc::schema_too_old);
}

base::result<models::join_token> require_token(repositories& tables,
                                               const models::join_token_id& id) {
  return required(tables.join_tokens.find_by_id(id), errc::join_token_not_found);
}

}

base::result<invitation> gateway_service::invite(const admin_actor& actor,
                                                 const invitation_order& order) const {
  const auto now = tools_.clock.system_now();
  auto issued = issue_secret(join_token_prefix, tools_.random);
  const models::join_token token{.hash = issued.hash,
                                 .name = order.name,
                                 .region = order.region,
                                 .expires_at = now + order.valid,
                                 .created_at = now,
                                 .used_by = {},
                                 .id = models::join_token_id::make(now, tools_.random),
                                 .approval = order.approval};
  if (order.approval == join_approval::by_admin) {
    HTTVPS_CHECK(check_schema(tools_));
  }
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.join_tokens.insert(token));
    return record_change(
        tables, tools_, actor,
        {.action = "gateway.invite", .object = order.name, .after = audit_document(token)});
  }));
  return invitation{
      .join_token = std::move(issued.text), .expires_at = token.expires_at, .id = token.id};
}

base::result<models::join_token> gateway_service::join_token(
    const models::join_token_id& id) const {
  return read_from(tools_.storage, [&](repositories& tables) { return require_token(tables, id); });
}

base::result<models::page<models::join_token>> gateway_service::join_tokens(
    const models::page_request& wanted) const {
  return read_from(tools_.storage,
                   [&](repositories& tables) { return tables.join_tokens.list(wanted); });
}

base::result<> gateway_service::revoke_join_token(const admin_actor& actor,
                                                  const models::join_token_id& id) const {
  HTTVPS_CHECK(check_schema(tools_));
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_TRY(const auto known, require_token(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    auto revoked = known;
    revoked.revoked_at = known.revoked_at.value_or(tools_.clock.system_now());
    HTTVPS_CHECK(save_amendment({.tables = tables, .tools = tools_, .actor = actor},
                                tables.join_tokens,
                                record_amendment<models::join_token>{.action = "join_token.revoke",
                                                                     .before = known,
                                                                     .after = revoked,
                                                                     .detail = known.name}));
    return {};
  });
}

}
