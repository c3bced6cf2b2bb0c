#include "usage_bounds.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "httvps/backend/services/epoch_repository.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {
namespace {

using session_set = std::set<std::uint64_t>;
using path_set = std::set<std::pair<std::uint64_t, models::node_id>>;

session_numbers numbers_in(const accepted_usage& accepted) {
  session_set all;
  for (const auto& line : accepted.lines) {
    all.insert(line.session);
  }
  return {all.begin(), all.end()};
}

base::result<session_set> attributable(repositories& tables, const accepted_usage& accepted,
                                       const session_numbers& numbers) {
  HTTVPS_TRY(const auto known,
             tables.usage_sessions.find(accepted.name.epoch,
                                        {.numbers = numbers, .at = accepted.received_at}));
  session_set found;
  for (const auto& each : known) {
    found.insert(each.session.key.number);
  }
  for (const auto& line : accepted.lines) {
    if (line.holder) {
      found.insert(line.session);
    }
  }
  return found;
}

base::result<path_set> held_paths(repositories& tables, const epoch_name& epoch,
                                  const session_numbers& numbers) {
  HTTVPS_TRY(const auto held, tables.quarantine.find(epoch, numbers));
  path_set found;
  for (const auto& each : held) {
    found.emplace(each.key.number, each.node);
  }
  return found;
}

base::result<std::set<models::node_id>> known_nodes(repositories& tables,
                                                    const accepted_usage& accepted) {
  std::map<models::node_id, bool> judged;
  for (const auto& line : accepted.lines) {
    if (!judged.contains(line.node)) {
      HTTVPS_TRY(const auto node, tables.nodes.find(line.node));
      judged.emplace(line.node, node.has_value());
    }
  }
  std::set<models::node_id> known;
  for (const auto& [node, is_known] : judged) {
    if (is_known) {
      known.insert(node);
    }
  }
  return known;
}

base::result<bool> would_be_held(repositories& tables, const accepted_usage& accepted) {
  const auto numbers = numbers_in(accepted);
  HTTVPS_TRY(const auto sessions, attributable(tables, accepted, numbers));
  HTTVPS_TRY(const auto held, held_paths(tables, accepted.name.epoch, numbers));
  HTTVPS_TRY(const auto nodes, known_nodes(tables, accepted));
  return std::ranges::any_of(accepted.lines, [&](const accepted_line& line) {
    const bool is_counted = sessions.contains(line.session) && nodes.contains(line.node);
    return !is_counted && !held.contains({line.session, line.node});
  });
}

}

base::result<> stay_within(const usage_bounds& bounds, repositories& tables,
                           const service_tools& tools, const accepted_usage& accepted) {
  const auto& epoch = accepted.name.epoch;
  if (tools.storage.schema_version() >= epoch_schema) {
    HTTVPS_TRY(const bool has_room, tables.epochs.has_room(epoch, bounds.open_epochs));
    if (!has_room) {
      return base::fail(errc::too_many_epochs);
    }
  }
  HTTVPS_TRY(const bool is_full, tables.quarantine.holds_at_least(epoch.gateway, bounds.held_rows));
  if (!is_full) {
    return {};
  }
  HTTVPS_TRY(const bool holds_more, would_be_held(tables, accepted));
  return holds_more ? base::fail(errc::quarantine_full) : base::result<>();
}

}
