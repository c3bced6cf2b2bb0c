#include "httvps/backend/services/bootstrap.hpp"

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::services {
namespace {

base::result<admin_token_origin> register_token(repositories& tables,
                                                const admin_token_parts& parts,
                                                const std::string& hash) {
  HTTVPS_TRY(const auto known, tables.api_tokens.find_by_hash(hash));
  if (known) {
    return known->revoked_at
               ? base::result<admin_token_origin>(base::fail(errc::credential_invalid))
               : admin_token_origin::known;
  }
  const auto now = parts.clock.system_now();
  HTTVPS_CHECK(tables.api_tokens.insert({.id = models::admin_id::make(now, parts.random),
                                         .name = "token file",
                                         .hash = hash,
                                         .role = models::admin_role::admin,
                                         .created_at = now,
                                         .revoked_at = {}}));
  return admin_token_origin::registered;
}

}

base::result<admin_token_origin> ensure_admin_token(const admin_token_parts& parts,
                                                    admin_token_keeper& keeper) {
  HTTVPS_TRY(const auto stored, keeper.load());
  if (stored && !is_issued_secret(admin_token_prefix, stored->reveal_text())) {
    return base::fail(errc::credential_invalid);
  }
  const auto token = stored ? *stored : issue_secret(admin_token_prefix, parts.random).text;
  const auto hash = hash_secret(token.reveal_text());
  HTTVPS_TRY(const auto origin, write_to(parts.storage, [&](repositories& tables) {
               return register_token(tables, parts, hash);
             }));
  if (stored) {
    return origin;
  }
  HTTVPS_CHECK(keeper.save(token));
  return admin_token_origin::created;
}

}
