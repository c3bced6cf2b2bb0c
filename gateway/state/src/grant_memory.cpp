#include "httvps/gateway/state/grant_memory.hpp"

#include <algorithm>
#include <utility>

namespace httvps::gateway {

void grant_memory::make_room() {
  if (nodes_.size() < nodes_most_) {
    return;
  }
  const auto oldest =
      std::ranges::min_element(nodes_, {}, [](const auto& each) { return each.second.recorded; });
  nodes_.erase(oldest);
}

void grant_memory::record(granted_node node) {
  const std::scoped_lock hold(guard_);
  const auto known = nodes_.find(node.node_id);
  if (known != nodes_.end()) {
    known->second.recorded = ++last_recorded_;
    changes_ += known->second.node == node ? 0 : 1;
    known->second.node = std::move(node);
    return;
  }
  make_room();
  auto id = node.node_id;
  nodes_.emplace(std::move(id), kept_node{.node = std::move(node), .recorded = ++last_recorded_});
  ++changes_;
}

void grant_memory::record(const std::string& device_id, const assignment& assigned) {
  device_grant grant{.device_id = device_id, .offers = {}};
  for (const auto& each : assigned.nodes) {
    if (grant.offers.size() < nodes_of_a_grant_most) {
      record(
          granted_node{.node_id = each.node_id, .name = each.name, .access_url = each.access_url});
      grant.offers.push_back({.node_id = each.node_id, .weight = each.weight});
    }
  }
  grants_.record(std::move(grant));
}

std::optional<assignment> grant_memory::find(std::string_view device_id) const {
  const auto grant = grants_.find(device_id);
  if (!grant) {
    return std::nullopt;
  }
  assignment known;
  const std::scoped_lock hold(guard_);
  for (const auto& offer : grant->offers) {
    if (const auto node = nodes_.find(offer.node_id); node != nodes_.end()) {
      const auto& kept = node->second.node;
      known.nodes.push_back({.node_id = kept.node_id,
                             .name = kept.name,
                             .access_url = kept.access_url,
                             .weight = offer.weight});
    }
  }
  return known.nodes.empty() ? std::nullopt : std::optional(std::move(known));
}

std::vector<granted_node> grant_memory::nodes() const {
  const std::scoped_lock hold(guard_);
  std::vector<granted_node> all;
  all.reserve(nodes_.size());
  for (const auto& [id, each] : nodes_) {
    all.push_back(each.node);
  }
  return all;
}

std::uint64_t grant_memory::revision() const {
  const std::scoped_lock hold(guard_);
  return changes_ + grants_.revision();
}

}
