#include "credential_issue.hpp"

#include "httvps/backend/services/issued_secret.hpp"

namespace httvps::backend::services {

bool has_credential_terms(const service_tools& tools) noexcept {
  return tools.storage.schema_version() >= credential_term_schema;
}

base::result<issued_credential> issue_credential(repositories& tables, const service_tools& tools,
                                                 const credential_order& wanted) {
  const bool is_gateway = wanted.kind == models::credential_kind::gateway;
  auto issued =
      issue_secret(is_gateway ? gateway_credential_prefix : node_credential_prefix, tools.random);
  const auto now = tools.clock.system_now();
  models::credential made{.hash = std::move(issued.hash),
                          .kind = wanted.kind,
                          .owner = wanted.owner,
                          .created_at = now,
                          .used_at = {}};
  if (has_credential_terms(tools)) {
    made.expires_at = now + tools.credentials.life;
    made.follows = wanted.follows;
  }
  HTTVPS_CHECK(tables.credentials.remove_unused(wanted.owner));
  HTTVPS_CHECK(tables.credentials.insert(made));
  return issued_credential{.text = std::move(issued.text), .record = std::move(made)};
}

}
