#include "httvps/backend/services/credential_service.hpp"

#include <algorithm>

#include "credential_issue.hpp"
#include "gateway_reports.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "node_reports.hpp"

namespace httvps::backend::services {
namespace {

base::result<> require_terms(const service_tools& tools) {
  return has_credential_terms(tools) ? base::result<>() : base::fail(errc::schema_too_old);
}

base::result<> require_owner(repositories& tables, const credential_owner& owner) {
  if (owner.kind == models::credential_kind::gateway) {
    HTTVPS_TRY(const auto found, require_gateway(tables, models::gateway_id::trusted(owner.id)));
    return {};
  }
  HTTVPS_TRY(const auto found, require_node(tables, models::node_id::trusted(owner.id)));
  return {};
}

base::result<models::credential> require_leading(repositories& tables,
                                                 const credential_owner& owner) {
  HTTVPS_CHECK(require_owner(tables, owner));
  return required(tables.credentials.find_leading(owner.id), errc::credential_not_found);
}

base::result<> check_alive(const models::credential& one, base::system_time now) {
  const auto state = models::state_of(one, now);
  const bool is_over =
      state == models::credential_state::expired || state == models::credential_state::revoked;
  return is_over ? base::fail(errc::credential_ended) : base::result<>();
}

credential_ages ages_of(const credential_figures& found, base::system_time now) {
  using std::chrono::floor;
  using std::chrono::seconds;
  credential_ages ages;
  if (found.oldest_made) {
    ages.oldest = std::max(ages.oldest, floor<seconds>(now - *found.oldest_made));
  }
  if (found.first_end) {
    ages.nearest_end = floor<seconds>(*found.first_end - now);
  }
  return ages;
}

}

credential_owner owner_of(const models::gateway_id& id) {
  return {.kind = models::credential_kind::gateway, .id = id.text()};
}

credential_owner owner_of(const models::node_id& id) {
  return {.kind = models::credential_kind::node, .id = id.text()};
}

bool credential_service::is_due(const models::credential& shown) const noexcept {
  return has_credential_terms(tools_) &&
         models::state_of(shown, tools_.clock.system_now()) == models::credential_state::due;
}

base::result<issued_credential> credential_service::renew(const models::credential& shown,
                                                          const change_author& by) const {
  HTTVPS_CHECK(require_terms(tools_));
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<issued_credential> {
    HTTVPS_TRY(const auto present,
               required(tables.credentials.find(shown.hash), errc::credential_invalid));
    if (present.revoked_at) {
      return base::fail(errc::credential_revoked);
    }
    HTTVPS_TRY(
        auto issued,
        issue_credential(tables, tools_,
                         {.kind = present.kind, .owner = present.owner, .follows = present.hash}));
    HTTVPS_CHECK(record_change(tables, tools_, by,
                               {.action = "credential.renew",
                                .object = present.owner,
                                .before = audit_document(present),
                                .after = audit_document(issued.record)}));
    return issued;
  });
}

base::result<models::credential> credential_service::ask_renewal(
    const admin_actor& actor, const credential_owner& owner) const {
  HTTVPS_CHECK(require_terms(tools_));
  const auto now = tools_.clock.system_now();
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::credential> {
    HTTVPS_TRY(auto known, require_leading(tables, owner));
    HTTVPS_CHECK(check_alive(known, now));
    if (known.renewal_asked_at) {
      return known;
    }
    auto before = audit_document(known);
    HTTVPS_CHECK(tables.credentials.ask_renewal(owner.id, now));
    known.renewal_asked_at = now;
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "credential.ask_renewal",
                                .object = owner.id,
                                .before = std::move(before),
                                .after = audit_document(known)}));
    return known;
  });
}

base::result<models::credential> credential_service::revoke(const admin_actor& actor,
                                                            const credential_owner& owner) const {
  HTTVPS_CHECK(require_terms(tools_));
  const auto now = tools_.clock.system_now();
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<models::credential> {
    HTTVPS_TRY(auto known, require_leading(tables, owner));
    if (known.revoked_at) {
      return known;
    }
    auto before = audit_document(known);
    HTTVPS_CHECK(tables.credentials.revoke_all(owner.id, now));
    known.revoked_at = now;
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "credential.revoke",
                                .object = owner.id,
                                .before = std::move(before),
                                .after = audit_document(known)}));
    return known;
  });
}

base::result<issued_credential> credential_service::replace(const admin_actor& actor,
                                                            const credential_owner& owner) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<issued_credential> {
    HTTVPS_CHECK(require_owner(tables, owner));
    HTTVPS_TRY(auto issued,
               issue_credential(tables, tools_, {.kind = owner.kind, .owner = owner.id}));
    HTTVPS_CHECK(record_change(tables, tools_, actor,
                               {.action = "credential.issue",
                                .object = owner.id,
                                .after = audit_document(issued.record)}));
    return issued;
  });
}

base::result<models::page<models::credential>> credential_service::list(
    const models::page_request& wanted) const {
  return read_from(tools_.storage,
                   [&](repositories& tables) { return tables.credentials.list_leading(wanted); });
}

base::result<credential_survey> credential_service::survey() const {
  const auto now = tools_.clock.system_now();
  HTTVPS_TRY(auto found, read_from(tools_.storage, [](repositories& tables) {
               return tables.figures.credentials();
             }));
  return credential_survey{.gateways = ages_of(found[models::credential_kind::gateway], now),
                           .nodes = ages_of(found[models::credential_kind::node], now)};
}

}
