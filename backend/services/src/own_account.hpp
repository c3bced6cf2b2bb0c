#pragma once

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline base::result<> require_session(const admin_actor& actor) {
  const bool is_session = actor.token && actor.token->kind == models::admin_token_kind::session;
  return is_session ? base::result<>() : base::fail(errc::session_needed);
}

inline base::result<models::admin> own_account(repositories& tables, const admin_actor& actor) {
  return required(tables.admins.find(actor.id), errc::admin_not_found);
}

}
