#include "httvps/backend/services/access_service.hpp"

#include "httvps/backend/models/credential.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::services {
namespace {

std::string_view prefix_for(models::credential_kind kind) {
  return kind == models::credential_kind::gateway ? gateway_credential_prefix
                                                  : node_credential_prefix;
}

base::result<> check_state(const models::gateway& gateway, approval wanted) {
  if (gateway.state == models::gateway_state::disabled) {
    return base::fail(errc::gateway_disabled);
  }
  if (gateway.state == models::gateway_state::pending && wanted == approval::required) {
    return base::fail(errc::gateway_pending);
  }
  return {};
}

}

base::result<models::credential> access_service::owner_of(std::string_view credential,
                                                          models::credential_kind kind) const {
  if (!is_issued_secret(prefix_for(kind), credential)) {
    return base::fail(errc::credential_invalid);
  }
  const auto hash = hash_secret(credential);
  HTTVPS_TRY(auto found, read_from(tools_.storage, [&](repositories& tables) {
               return tables.credentials.find(hash);
             }));
  if (!found || !equal_hashes(found->hash, hash) || found->kind != kind) {
    return base::fail(errc::credential_invalid);
  }
  HTTVPS_CHECK(check_term(*found));
  return *std::move(found);
}

base::result<> access_service::check_term(const models::credential& shown) const {
  switch (models::state_of(shown, tools_.clock.system_now())) {
    case models::credential_state::revoked:
      return base::fail(errc::credential_revoked);
    case models::credential_state::expired:
      return base::fail(errc::credential_expired);
    case models::credential_state::valid:
    case models::credential_state::due:
      return {};
  }
  return base::fail(errc::credential_invalid);
}

base::result<> access_service::note_first_use(models::credential credential) const {
  if (credential.used_at) {
    return {};
  }
  const auto now = tools_.clock.system_now();
  credential.used_at = now;
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.credentials.mark_used(credential));
    return credential.follows
               ? tables.credentials.end_followed(credential, now + tools_.credentials.overlap)
               : tables.credentials.remove_others(credential);
  });
}

base::result<calling_gateway> access_service::gateway_behind(std::string_view credential) const {
  const caller_moment at{.revision = tools_.storage.callers_revision(),
                         .now = tools_.clock.steady_now()};
  const auto hash = hash_secret(credential);
  if (auto remembered = callers_->find(hash, at)) {
    HTTVPS_CHECK(check_term(remembered->credential));
    return *std::move(remembered);
  }
  HTTVPS_TRY(auto known, owner_of(credential, models::credential_kind::gateway));
  const auto id = models::gateway_id::trusted(known.owner);
  HTTVPS_TRY(auto gateway,
             required(read_from(tools_.storage,
                                [&](repositories& tables) { return tables.gateways.find(id); }),
                      errc::credential_invalid));
  HTTVPS_CHECK(note_first_use(known));
  calling_gateway found{.gateway = std::move(gateway), .credential = std::move(known)};
  if (found.credential.used_at) {
    callers_->keep(hash, at, found);
  }
  return found;
}

base::result<calling_gateway> access_service::gateway(std::string_view credential,
                                                      approval wanted) const {
  HTTVPS_TRY(auto found, gateway_behind(credential));
  HTTVPS_CHECK(check_state(found.gateway, wanted));
  return found;
}

base::result<calling_node> access_service::node(std::string_view credential) const {
  HTTVPS_TRY(auto known, owner_of(credential, models::credential_kind::node));
  const auto id = models::node_id::trusted(known.owner);
  HTTVPS_TRY(auto node,
             required(read_from(tools_.storage,
                                [&](repositories& tables) { return tables.nodes.find(id); }),
                      errc::credential_invalid));
  HTTVPS_CHECK(note_first_use(known));
  return calling_node{.node = std::move(node), .credential = std::move(known)};
}

}
