#include <algorithm>
#include <map>

#include "gateway_reports.hpp"
#include "httvps/backend/services/errc.hpp"
#include "key_issue.hpp"

namespace httvps::backend::services {
namespace {

using grant_map = std::map<models::node_id, gateway_grant>;

int usefulness_of(models::key_state state) noexcept {
  switch (state) {
    case models::key_state::active:
      return 3;
    case models::key_state::pending:
      return 2;
    case models::key_state::retiring:
      return 1;
    case models::key_state::removed:
      break;
  }
  return 0;
}

bool is_better(const models::gateway_key& one, const std::optional<models::gateway_key>& other) {
  return !other || std::pair(usefulness_of(one.state), one.generation) >
                       std::pair(usefulness_of(other->state), other->generation);
}

base::result<> add_keys(repositories& tables, const service_tools& tools,
                        const models::gateway_id& gateway, grant_map& grants) {
  if (!has_key_schema(tools)) {
    return {};
  }
  HTTVPS_TRY(const auto keys, tables.gateway_keys.listed_by_gateway(gateway));
  for (const auto& key : keys) {
    auto& held = grants[key.node].key;
    if (is_better(key, held)) {
      held = key;
    }
  }
  return {};
}

base::result<grant_map> find_grants(repositories& tables, const service_tools& tools,
                                    const models::gateway_id& gateway) {
  HTTVPS_CHECK(tools.fleet.refresh(tables));
  grant_map grants;
  std::uint32_t rank = 0;
  for (const auto& node : tools.fleet.granted_to(gateway.text())) {
    grants[node].rank = ++rank;
  }
  HTTVPS_CHECK(add_keys(tables, tools, gateway, grants));
  return grants;
}

}

base::result<models::page<gateway_grant>> gateway_service::grants(
    const models::gateway_id& id, const models::page_request& wanted) const {
  using grant_page = models::page<gateway_grant>;
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<grant_page> {
    HTTVPS_CHECK(require_gateway(tables, id));
    HTTVPS_TRY(auto grants, find_grants(tables, tools_, id));
    grant_page page;
    for (auto& [node, grant] : grants) {
      if (node.text() <= wanted.after) {
        continue;
      }
      if (page.items.size() == wanted.size) {
        page.more = true;
        break;
      }
      HTTVPS_TRY(auto known, tables.nodes.find(node));
      if (known) {
        grant.node = *std::move(known);
        page.items.push_back(std::move(grant));
      }
    }
    return page;
  });
}

}
