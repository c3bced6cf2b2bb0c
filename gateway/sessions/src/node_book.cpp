#include "httvps/gateway/sessions/node_book.hpp"

#include <algorithm>
#include <utility>

#include "httvps/shadowsocks/access_key.hpp"

namespace httvps::gateway {
namespace {

constexpr std::chrono::minutes watched_for{20};

node_book::shared_node cheapest_but(std::size_t chosen,
                                    const std::vector<node_book::shared_node>& nodes,
                                    const std::vector<node_load>& loads) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (i != chosen && (!best || cost_of(loads[i]) < cost_of(loads[*best]))) {
      best = i;
    }
  }
  return best ? nodes[*best] : nullptr;
}

}

void node_book::make_room() {
  if (nodes_.size() < known_nodes_most) {
    return;
  }
  const auto oldest = std::ranges::min_element(
      nodes_, {}, [](const auto& each) { return each.second.assigned_at; });
  nodes_.erase(oldest);
}

base::result<> node_book::learn_node(const assigned_node& one, base::steady_time now) {
  const auto known = nodes_.find(one.node_id);
  if (known != nodes_.end() && known->second.access_url == one.access_url) {
    known->second.assigned_at = now;
    return {};
  }
  HTTVPS_TRY(auto key, shadowsocks::parse_access_key(one.access_url.reveal_text()));
  if (known != nodes_.end() && known->second.node->is_at(key)) {
    HTTVPS_CHECK(known->second.node->renew_key(std::move(key)));
    known->second.access_url = one.access_url;
    known->second.assigned_at = now;
    return {};
  }
  node_settings chosen{.id = one.node_id, .key = std::move(key)};
  HTTVPS_TRY(auto made, outline_node::make(std::move(chosen)));
  if (known == nodes_.end()) {
    make_room();
  }
  nodes_[one.node_id] = {.node = std::move(made), .access_url = one.access_url, .assigned_at = now};
  return {};
}

base::result<> node_book::learn(const std::string& device_id, const assignment& assigned,
                                base::steady_time now) {
  std::vector<offer> offered;
  base::error failure;
  for (const auto& each : assigned.nodes) {
    if (const auto learnt = learn_node(each, now); !learnt) {
      failure = learnt.error();
    } else {
      offered.push_back({.node_id = each.node_id, .weight = each.weight});
    }
  }
  if (offered.empty()) {
    return base::fail(failure);
  }
  if (offers_.size() >= remembered_devices_most) {
    offers_.clear();
  }
  offers_[device_id] = std::move(offered);
  return {};
}

exit_nodes node_book::choose_for(const std::string& device_id, base::random_source& random) const {
  const auto offered = offers_.find(device_id);
  if (offered == offers_.end()) {
    return {};
  }
  std::vector<shared_node> nodes;
  std::vector<node_load> loads;
  for (const auto& each : offered->second) {
    if (const auto known = nodes_.find(each.node_id); known != nodes_.end()) {
      const auto& node = known->second.node;
      nodes.push_back(node);
      loads.push_back(
          {.latency = node->latency(), .in_flight = node->in_flight(), .weight = each.weight});
    }
  }
  if (nodes.empty()) {
    return {};
  }
  const auto chosen = choose_node(loads, random);
  return {.first = nodes[chosen], .reserve = cheapest_but(chosen, nodes, loads)};
}

bool node_book::is_older(const std::string& node_id, base::steady_time moment) const {
  const auto known = nodes_.find(node_id);
  return known != nodes_.end() && known->second.assigned_at < moment;
}

std::vector<node_book::shared_node> node_book::watched(base::steady_time now) const {
  std::vector<shared_node> nodes;
  for (const auto& [id, each] : nodes_) {
    if (now - each.assigned_at < watched_for) {
      nodes.push_back(each.node);
    }
  }
  return nodes;
}

std::vector<node_outcome> node_book::take_outcomes(std::size_t most) {
  std::vector<node_outcome> outcomes;
  for (auto& [id, each] : nodes_) {
    if (outcomes.size() == most || !each.node->has_tally()) {
      continue;
    }
    const auto tally = each.node->take_tally();
    outcomes.push_back(
        {.node_id = id, .succeeded = tally.succeeded, .failed = tally.failed, .took = tally.took});
  }
  return outcomes;
}

}
