#include "httvps/backend/services/access_service.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::services {
namespace {

using namespace std::chrono_literals;

constexpr auto pause_between_notes = 60s;

bool has_admin_tokens(const service_tools& tools) {
  return tools.storage.schema_version() >= admin_tokens_schema;
}

base::result<admin_actor> actor_of_file(repositories& tables, const std::string& hash) {
  HTTVPS_TRY(const auto found, tables.api_tokens.find_by_hash(hash));
  if (!found || !equal_hashes(found->hash, hash) || found->revoked_at) {
    return base::fail(errc::credential_invalid);
  }
  return admin_actor{.id = found->id, .name = found->name, .request_id = {}, .role = found->role};
}

base::result<admin_actor> actor_of_account(const models::admin& account) {
  if (account.state == models::admin_state::disabled) {
    return base::fail(errc::credential_invalid);
  }
  return admin_actor{
      .id = account.id, .name = account.name, .request_id = {}, .role = account.role};
}

base::result<admin_actor> owner_of(repositories& tables, const service_tools& tools,
                                   const models::admin_token& token) {
  if (tools.storage.schema_version() >= admins_schema) {
    HTTVPS_TRY(const auto account, tables.admins.find(token.owner));
    if (account) {
      return actor_of_account(*account);
    }
  }
  HTTVPS_TRY(const auto maker,
             required(tables.api_tokens.find(token.owner), errc::credential_invalid));
  if (maker.revoked_at) {
    return base::fail(errc::credential_invalid);
  }
  return admin_actor{.id = maker.id, .name = maker.name, .request_id = {}, .role = maker.role};
}

base::result<admin_actor> actor_of_token(repositories& tables, const service_tools& tools,
                                         const models::admin_token& token) {
  if (!token.is_usable(tools.clock.system_now())) {
    return base::fail(errc::credential_invalid);
  }
  HTTVPS_TRY(auto actor, owner_of(tables, tools, token));
  actor.maker_role = actor.role;
  actor.role = std::min(actor.role, token.role);
  actor.scopes = token.scopes;
  actor.token = token;
  return actor;
}

base::result<admin_actor> actor_of(repositories& tables, const service_tools& tools,
                                   const std::string& hash) {
  auto of_file = actor_of_file(tables, hash);
  if (of_file || of_file.error() != errc::credential_invalid || !has_admin_tokens(tools)) {
    return of_file;
  }
  HTTVPS_TRY(const auto token,
             required(tables.admin_tokens.find_by_hash(hash), errc::credential_invalid));
  if (!equal_hashes(token.hash, hash)) {
    return base::fail(errc::credential_invalid);
  }
  return actor_of_token(tables, tools, token);
}

}

void access_service::note_use(const models::admin_token& token) const {
  const auto now = tools_.clock.system_now();
  if (token.last_used_at && now < *token.last_used_at + pause_between_notes) {
    return;
  }
  static_cast<void>(tools_.storage.write([&](repositories& tables) {
    return tables.admin_tokens.note_use({.token = token.id, .at = now});
  }));
}

base::result<admin_actor> access_service::admin(std::string_view token,
                                                std::string_view request_id) const {
  if (!is_issued_secret(admin_token_prefix, token)) {
    return base::fail(errc::credential_invalid);
  }
  const auto hash = hash_secret(token);
  HTTVPS_TRY(auto actor, read_from(tools_.storage, [&](repositories& tables) {
               return actor_of(tables, tools_, hash);
             }));
  if (actor.token) {
    note_use(*actor.token);
  }
  actor.request_id = request_id;
  return actor;
}

}
