#include <algorithm>
#include <set>

#include "gateway_reports.hpp"
#include "httvps/backend/services/audit_chain.hpp"
#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/key_service.hpp"
#include "key_issue.hpp"
#include "node_reports.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::chrono::hours removed_keys_kept{30 * 24};
constexpr std::chrono::hours counters_kept{7 * 24};
constexpr std::chrono::hours unused_guest_keys_kept{7 * 24};

std::string describe(const key_rotation& made) {
  return "removed=" + std::to_string(made.removed) + " issued=" + std::to_string(made.issued);
}

base::result<std::vector<key_place>> missing_places(repositories& tables, const node_fleet& fleet) {
  HTTVPS_TRY(const auto places, tables.gateway_keys.places());
  const std::set<key_place> held(places.begin(), places.end());
  auto wanted = fleet.key_places();
  std::erase_if(wanted, [&](const key_place& place) { return held.contains(place); });
  return wanted;
}

base::result<bool> are_keys_held_in_silence(repositories& tables, node_fleet& fleet) {
  const auto silent = fleet.long_silent_gateways();
  if (silent.empty()) {
    return false;
  }
  HTTVPS_TRY(const auto places, tables.gateway_keys.places());
  return std::ranges::any_of(
      places, [&](const key_place& place) { return silent.contains(place.gateway); });
}

base::result<> withdraw_in_silence(repositories& tables, const service_tools& tools) {
  const change_author author{.id = std::string(audit_system_actor),
                             .name = std::string(audit_system_actor)};
  for (const auto& gateway : tools.fleet.long_silent_gateways()) {
    HTTVPS_TRY(auto keys, tables.gateway_keys.listed_by_gateway(gateway));
    if (keys.empty()) {
      continue;
    }
    HTTVPS_TRY(const auto made, withdraw(tables, tools, std::move(keys)));
    const auto& id = gateway.text();
    HTTVPS_CHECK(
        record_change(tables, tools, author,
                      {.action = "gateway.withdraw_keys", .object = id, .detail = describe(made)}));
  }
  return {};
}

base::result<> grant_keys(repositories& tables, const service_tools& tools,
                          std::set<models::node_id>& changed) {
  HTTVPS_TRY(const auto missing, missing_places(tables, tools.fleet));
  for (const auto& place : missing) {
    HTTVPS_CHECK(issue_key(tables, tools, place));
    changed.insert(place.node);
  }
  return {};
}

bool is_forsaken(const models::gateway_key& key, const std::set<key_place>& granted,
                 base::system_time now) {
  const auto last = key.handed_at.value_or(key.created_at);
  return !granted.contains({.node = key.node, .gateway = key.gateway}) &&
         now - last >= unused_guest_keys_kept;
}

base::result<> renew(repositories& tables, const service_tools& tools,
                     const std::set<key_place>& granted, models::gateway_key key) {
  const auto now = tools.clock.system_now();
  if (is_forsaken(key, granted, now)) {
    models::retire(key, now);
    return tables.gateway_keys.update(key);
  }
  HTTVPS_CHECK(issue_key(tables, tools, {.node = key.node, .gateway = key.gateway}));
  return {};
}

base::result<> move_on(repositories& tables, const service_tools& tools,
                       std::set<models::node_id>& changed) {
  const auto now = tools.clock.system_now();
  const auto places = tools.fleet.key_places();
  const std::set<key_place> granted(places.begin(), places.end());
  HTTVPS_TRY(const auto due, tables.gateway_keys.due(now));
  for (auto key : due) {
    if (models::is_overlap_over(key, now)) {
      models::remove(key, now);
      HTTVPS_CHECK(tables.gateway_keys.update(key));
      changed.insert(key.node);
      continue;
    }
    if (models::is_due_for_rotation(key, now)) {
      HTTVPS_CHECK(renew(tables, tools, granted, key));
      changed.insert(key.node);
    }
  }
  return {};
}

}

base::result<key_rotation> key_service::rotate_node(const admin_actor& actor,
                                                    const models::node_id& node) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<key_rotation> {
    HTTVPS_CHECK(require_node(tables, node));
    HTTVPS_CHECK(required(find_keyring(tables, tools_, node), errc::keys_not_managed));
    HTTVPS_TRY(auto keys, tables.gateway_keys.listed_by_node(node));
    HTTVPS_TRY(const auto made, replace_now(tables, tools_, std::move(keys)));
    HTTVPS_CHECK(record_change(
        tables, tools_, actor,
        {.action = "node.rotate_keys", .object = node.text(), .detail = describe(made)}));
    return made;
  });
}

base::result<key_rotation> key_service::rotate_gateway(const admin_actor& actor,
                                                       const models::gateway_id& gateway) const {
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<key_rotation> {
    HTTVPS_CHECK(require_gateway(tables, gateway));
    key_rotation made;
    if (has_key_schema(tools_)) {
      HTTVPS_TRY(auto keys, tables.gateway_keys.listed_by_gateway(gateway));
      HTTVPS_TRY(made, replace_now(tables, tools_, std::move(keys)));
    }
    HTTVPS_CHECK(record_change(
        tables, tools_, actor,
        {.action = "gateway.rotate_keys", .object = gateway.text(), .detail = describe(made)}));
    return made;
  });
}

base::result<bool> key_service::has_work(repositories& tables) const {
  HTTVPS_CHECK(tools_.fleet.refresh(tables));
  HTTVPS_TRY(const auto missing, missing_places(tables, tools_.fleet));
  HTTVPS_TRY(const auto due, tables.gateway_keys.due(tools_.clock.system_now()));
  HTTVPS_TRY(const bool are_held, are_keys_held_in_silence(tables, tools_.fleet));
  return are_held || !missing.empty() || !due.empty();
}

base::result<> key_service::maintain() const {
  if (!has_key_schema(tools_)) {
    return {};
  }
  HTTVPS_TRY(const auto wanted,
             read_from(tools_.storage, [this](repositories& tables) { return has_work(tables); }));
  if (!wanted) {
    return {};
  }
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    std::set<models::node_id> changed;
    HTTVPS_CHECK(withdraw_in_silence(tables, tools_));
    HTTVPS_CHECK(grant_keys(tables, tools_, changed));
    HTTVPS_CHECK(move_on(tables, tools_, changed));
    for (const auto& node : changed) {
      HTTVPS_CHECK(advance_revision(tables, node));
    }
    return {};
  });
}

base::result<> key_service::forget_old() const {
  if (!has_key_schema(tools_)) {
    return {};
  }
  const auto now = tools_.clock.system_now();
  return tools_.storage.write([&](repositories& tables) -> base::result<> {
    HTTVPS_CHECK(tables.gateway_keys.forget_removed_before(now - removed_keys_kept));
    return tables.key_counters.forget_before(now - counters_kept);
  });
}

base::result<models::page<models::gateway_key>> key_service::list(
    const key_filter& filter, const models::page_request& wanted) const {
  if (!has_key_schema(tools_)) {
    return base::fail(errc::schema_too_old);
  }
  return read_from(tools_.storage,
                   [&](repositories& tables) { return tables.gateway_keys.list(filter, wanted); });
}

base::result<models::gateway_key> key_service::find(const models::access_key_id& id) const {
  if (!has_key_schema(tools_)) {
    return base::fail(errc::schema_too_old);
  }
  return required(
      read_from(tools_.storage, [&](repositories& tables) { return tables.gateway_keys.find(id); }),
      errc::access_key_not_found);
}

}
