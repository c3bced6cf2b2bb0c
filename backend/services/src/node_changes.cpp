#include <algorithm>

#include "amending.hpp"
#include "httvps/backend/services/audit_documents.hpp"
#include "httvps/backend/services/errc.hpp"
#include "key_issue.hpp"
#include "node_reports.hpp"

namespace httvps::backend::services {
namespace {

base::result<> take_keys_off(repositories& tables, const service_tools& tools,
                             const models::node_id& node) {
  HTTVPS_TRY(const auto ring, find_keyring(tables, tools, node));
  if (!ring) {
    return {};
  }
  HTTVPS_TRY(auto keys, tables.gateway_keys.listed_by_node(node));
  HTTVPS_CHECK(withdraw(tables, tools, std::move(keys)));
  return {};
}

bool was_heard_lately(const service_tools& tools, const models::node_id& node) {
  const auto beat = tools.fleet.heartbeat_of(node.text());
  return beat && models::is_alive(beat->received_at, tools.clock.system_now());
}

base::result<> check_removable(repositories& tables, const service_tools& tools,
                               const models::node& node) {
  HTTVPS_TRY(const auto ring, find_keyring(tables, tools, node.id));
  if (!ring) {
    return {};
  }
  HTTVPS_TRY(const auto keys, tables.gateway_keys.listed_by_node(node.id));
  const bool runs_keys = !keys.empty() || ring->running_revision != ring->revision;
  const bool may_run_on =
      ring->source == models::key_source::management || was_heard_lately(tools, node.id);
  return runs_keys && may_run_on ? base::fail(errc::node_keys_live) : base::result<>();
}

base::result<> require_region(repositories& tables, const models::node& before,
                              const models::node& after) {
  if (before.region == after.region) {
    return {};
  }
  HTTVPS_TRY(const auto known, tables.regions.list());
  return std::ranges::find(known, after.region, &models::region::code) != known.end()
             ? base::result<>()
             : base::fail(errc::region_not_found);
}

base::result<> forget_secrets(repositories& tables, const service_tools& tools,
                              const models::node_id& node) {
  HTTVPS_CHECK(take_keys_off(tables, tools, node));
  HTTVPS_CHECK(tables.access_keys.remove_all(node));
  HTTVPS_CHECK(tables.credentials.remove_all(node.text()));
  return has_key_schema(tools) ? tables.keyrings.remove(node) : base::result<>();
}

base::result<> follow_key_limit(const change_scope& scope, const models::node& before,
                                const models::node& after) {
  if (before.key_limit_bytes == after.key_limit_bytes) {
    return {};
  }
  HTTVPS_TRY(const auto ring, find_keyring(scope.tables, scope.tools, after.id));
  const bool is_managed = ring && ring->source == models::key_source::management;
  return is_managed ? advance_revision(scope.tables, after.id) : base::fail(errc::node_not_managed);
}

base::result<> save_change(const change_scope& scope, const models::node& before,
                           const models::node& after, std::string_view action) {
  HTTVPS_CHECK(check_terms(scope.tools, after));
  HTTVPS_CHECK(require_region(scope.tables, before, after));
  HTTVPS_CHECK(follow_key_limit(scope, before, after));
  HTTVPS_CHECK(save_amendment(
      scope, scope.tables.nodes,
      record_amendment<models::node>{.action = action, .before = before, .after = after}));
  const bool ends = after.state == models::node_state::disabled && before.state != after.state;
  return ends ? take_keys_off(scope.tables, scope.tools, after.id) : base::result<>();
}

}

struct node_service::turn {
  models::node_state to;
  std::string_view action;
};

base::result<node_report> node_service::find(const models::node_id& id) const {
  return read_from(tools_.storage, [&](repositories& tables) -> base::result<node_report> {
    HTTVPS_CHECK(tools_.fleet.refresh(tables));
    HTTVPS_TRY(auto node, require_node(tables, id));
    return report_on_node(tables, tools_, std::move(node));
  });
}

base::result<node_report> node_service::change(const admin_actor& actor, const models::node_id& id,
                                               const node_amendment& wanted) const {
  auto made = write_to(tools_.storage, [&](repositories& tables) -> base::result<node_report> {
    HTTVPS_TRY(const auto known, require_node(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    auto changed = known;
    amend(changed.name, wanted.name);
    amend(changed.region, wanted.region);
    amend(changed.weight, wanted.weight);
    amend(changed.state, wanted.state);
    amend(changed.capacity_bps, wanted.capacity_bps);
    amend(changed.max_sessions, wanted.max_sessions);
    amend(changed.labels, wanted.labels);
    amend(changed.key_limit_bytes, wanted.key_limit_bytes);
    HTTVPS_CHECK(save_change({.tables = tables, .tools = tools_, .actor = actor}, known, changed,
                             "node.change"));
    return report_on_node(tables, tools_, std::move(changed));
  });
  tools_.fleet.expire();
  return made;
}

base::result<node_report> node_service::set_state(const admin_actor& actor,
                                                  const models::node_id& id,
                                                  const turn& wanted) const {
  auto made = write_to(tools_.storage, [&](repositories& tables) -> base::result<node_report> {
    HTTVPS_TRY(const auto known, require_node(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    if (known.state == models::node_state::disabled) {
      return base::fail(errc::node_disabled);
    }
    auto changed = known;
    changed.state = wanted.to;
    HTTVPS_CHECK(save_change({.tables = tables, .tools = tools_, .actor = actor}, known, changed,
                             wanted.action));
    return report_on_node(tables, tools_, std::move(changed));
  });
  tools_.fleet.expire();
  return made;
}

base::result<node_report> node_service::drain(const admin_actor& actor,
                                              const models::node_id& id) const {
  return set_state(actor, id, {.to = models::node_state::draining, .action = "node.drain"});
}

base::result<node_report> node_service::undrain(const admin_actor& actor,
                                                const models::node_id& id) const {
  return set_state(actor, id, {.to = models::node_state::enabled, .action = "node.undrain"});
}

base::result<> node_service::remove(const admin_actor& actor, const models::node_id& id,
                                    removal_rule rule) const {
  HTTVPS_CHECK(tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tools_.fleet.refresh(tables));
    HTTVPS_TRY(const auto known, require_node(tables, id));
    HTTVPS_CHECK(require_match(actor, tag_of(known)));
    if (known.state == models::node_state::enabled) {
      return base::fail(errc::node_in_use);
    }
    if (rule == removal_rule::orderly) {
      HTTVPS_CHECK(check_removable(tables, tools_, known));
    }
    HTTVPS_CHECK(forget_secrets(tables, tools_, id));
    auto removed = known;
    models::remove(removed);
    HTTVPS_CHECK(tables.regions.ensure(removed.region, tools_.clock.system_now()));
    HTTVPS_CHECK(tables.nodes.update(removed));
    return record_change(tables, tools_, actor,
                         {.action = "node.delete",
                          .object = id.text(),
                          .detail = rule == removal_rule::forced ? "forced" : "",
                          .before = audit_document(known)});
  }));
  tools_.fleet.expire();
  return {};
}

}
