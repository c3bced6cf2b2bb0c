#include "httvps/backend/services/node_fleet.hpp"

#include <algorithm>

#include "httvps/backend/selection/place.hpp"
#include "httvps/backend/selection/rendezvous.hpp"

namespace httvps::backend::services {
namespace {

std::vector<models::node_id> as_nodes(const std::vector<std::string>& ids) {
  std::vector<models::node_id> nodes;
  nodes.reserve(ids.size());
  for (const auto& id : ids) {
    nodes.push_back(models::node_id::trusted(id));
  }
  return nodes;
}

bool is_listed(const std::optional<std::vector<std::string>>& granted, const std::string& id) {
  return !granted || std::ranges::count(*granted, id) > 0;
}

}

void node_fleet::set_watch(fleet_watch watch) {
  const std::scoped_lock lock(mutex_);
  watch_ = std::move(watch);
}

base::result<> node_fleet::note_heartbeat(std::string_view owner, const models::heartbeat& beat) {
  {
    const std::scoped_lock lock(mutex_);
    hear(owner, beat, moment_of(beat));
    heard_.find(owner)->second.is_unsaved = true;
    const auto now = clock_.steady_now();
    if (now - flushed_at_ < heartbeat_flush) {
      return {};
    }
    flushed_at_ = now;
  }
  return flush();
}

std::vector<owned_heartbeat> node_fleet::take_unsaved() {
  const std::scoped_lock lock(mutex_);
  std::vector<owned_heartbeat> unsaved;
  for (auto& [owner, each] : heard_) {
    if (each.is_unsaved) {
      unsaved.push_back({.owner = owner, .beat = each.beat});
      each.is_unsaved = false;
    }
  }
  return unsaved;
}

base::result<> node_fleet::flush() {
  const auto unsaved = take_unsaved();
  return storage_.write([&](repositories& tables) -> base::result<> {
    for (const auto& each : unsaved) {
      HTTVPS_CHECK(tables.heartbeats.save(each.owner, each.beat));
    }
    return {};
  });
}

base::result<> node_fleet::note_outcomes(const models::gateway& gateway,
                                         std::span<const selection::connect_outcome> seen) {
  HTTVPS_CHECK(storage_.read([this](repositories& tables) { return refresh(tables); }));
  const std::scoped_lock lock(mutex_);
  const auto granted = grants_.find(gateway.id.text());
  const auto now = clock_.steady_now();
  for (const auto& each : seen) {
    if (granted != grants_.end() && std::ranges::count(granted->second, each.member) > 0) {
      nodes_.note_outcome(each, now);
    }
  }
  advance();
  return {};
}

void node_fleet::advance() {
  const auto now = clock_.steady_now();
  nodes_.advance(now);
  gateways_.advance(now);
  tell(fleet_side::nodes, nodes_);
  tell(fleet_side::gateways, gateways_);
}

void node_fleet::tell(fleet_side side, selection::member_pool& pool) {
  for (const auto& event : pool.take_events()) {
    if (watch_) {
      watch_(side, event);
    }
  }
}

std::optional<std::vector<std::string>> node_fleet::grants_of(const fleet_order& order,
                                                              const std::string& region) const {
  const auto home = region_of_gateway_.find(order.gateway.text());
  if (home != region_of_gateway_.end() && home->second == region) {
    return grants_.at(home->first);
  }
  const auto nodes = nodes_in_.find(region);
  if (nodes == nodes_in_.end()) {
    return std::nullopt;
  }
  const std::vector<std::string> guest{order.gateway.text()};
  std::vector<std::string> granted;
  for (const auto& each :
       selection::plan_grants(guest, nodes->second, {.nodes_a_gateway = 8, .gateways_a_node = 0})) {
    granted.push_back(each.node);
  }
  return granted;
}

std::optional<std::string> node_fleet::region_for(const fleet_order& order) const {
  if (order.others.empty()) {
    return order.region;
  }
  const auto held = order.held ? nodes_.find(order.held->text()) : std::nullopt;
  if (held && held->unfit == selection::obstacle::none &&
      std::ranges::count(order.others, held->region) > 0) {
    return held->region;
  }
  std::vector<selection::region_candidate> regions;
  for (const auto& each : nodes_.regions()) {
    if (each.code == order.region || std::ranges::count(order.others, each.code) > 0) {
      const auto place = places_.find(each.code);
      const auto where = place == places_.end() ? std::nullopt : std::optional(place->second);
      regions.push_back({.place = {.code = each.code, .where = where}, .share = each.share});
    }
  }
  return selection::region_with_room(order.region, regions);
}

bool node_fleet::is_open(const fleet_order& order, const std::string& node) const {
  return !order.open || !keyed_.contains(node) ||
         std::ranges::count(*order.open, node, &models::node_id::text) > 0;
}

selection::choice_request node_fleet::request_for(const fleet_order& order,
                                                  const std::string& region) const {
  auto granted = grants_of(order, region);
  if (granted) {
    std::erase_if(*granted, [&](const std::string& node) { return !is_open(order, node); });
  }
  return {.region = region,
          .key = order.device.text(),
          .held = order.held ? std::optional(order.held->text()) : std::nullopt,
          .granted = std::move(granted)};
}

std::optional<fleet_choice> node_fleet::choose(const fleet_order& order) {
  const std::scoped_lock lock(mutex_);
  advance();
  const auto region = region_for(order);
  const auto made = region ? nodes_.choose(request_for(order, *region)) : std::nullopt;
  if (!made) {
    return std::nullopt;
  }
  return fleet_choice{.region = *region, .nodes = as_nodes(made->members), .reason = made->reason};
}

fleet_explanation node_fleet::explain(const fleet_order& order) {
  const std::scoped_lock lock(mutex_);
  advance();
  fleet_explanation told{.choice = {}, .candidates = {}, .regions = nodes_.regions()};
  const auto region = region_for(order).value_or(order.region);
  const auto request = request_for(order, region);
  if (const auto made = nodes_.preview(request)) {
    told.choice =
        fleet_choice{.region = region, .nodes = as_nodes(made->members), .reason = made->reason};
  }
  for (auto& each : nodes_.standings(region)) {
    const bool is_granted = is_listed(request.granted, each.id);
    told.candidates.push_back({.standing = std::move(each), .is_granted = is_granted});
  }
  return told;
}

std::optional<selection::standing> node_fleet::find(std::string_view member) {
  const std::scoped_lock lock(mutex_);
  advance();
  return nodes_.find(member);
}

bool node_fleet::is_fit_gateway(std::string_view gateway) {
  const std::scoped_lock lock(mutex_);
  advance();
  const auto known = gateways_.find(gateway);
  return known && known->unfit == selection::obstacle::none;
}

std::optional<models::heartbeat> node_fleet::heartbeat_of(std::string_view owner) const {
  const std::scoped_lock lock(mutex_);
  const auto found = heard_.find(owner);
  return found == heard_.end() ? std::nullopt : std::optional(found->second.beat);
}

std::vector<selection::region_standing> node_fleet::regions() {
  const std::scoped_lock lock(mutex_);
  advance();
  return nodes_.regions();
}

std::set<std::string, std::less<>> node_fleet::regions_with_healthy_nodes() {
  const std::scoped_lock lock(mutex_);
  advance();
  std::set<std::string, std::less<>> healthy;
  for (const auto& region : nodes_.regions()) {
    if (std::ranges::count(nodes_.standings(region.code), selection::obstacle::none,
                           &selection::standing::unfit) > 0) {
      healthy.insert(region.code);
    }
  }
  return healthy;
}

std::vector<models::node_id> node_fleet::granted_to(std::string_view gateway) const {
  const std::scoped_lock lock(mutex_);
  const auto found = grants_.find(std::string(gateway));
  return found == grants_.end() ? std::vector<models::node_id>() : as_nodes(found->second);
}

std::vector<key_place> node_fleet::key_places() const {
  const std::scoped_lock lock(mutex_);
  const auto silent = long_silent_now();
  std::vector<key_place> places;
  for (const auto& [gateway, nodes] : grants_) {
    const auto holder = models::gateway_id::trusted(gateway);
    if (silent.contains(holder)) {
      continue;
    }
    for (const auto& node : nodes) {
      if (keyed_.contains(node)) {
        places.push_back({.node = models::node_id::trusted(node), .gateway = holder});
      }
    }
  }
  return places;
}

std::vector<models::node_id> node_fleet::nodes_without_key(const fleet_order& order) {
  const std::scoped_lock lock(mutex_);
  advance();
  const auto region = region_for(order);
  const auto granted = region ? grants_of(order, *region) : std::nullopt;
  std::vector<models::node_id> missing;
  for (const auto& node : granted.value_or(std::vector<std::string>())) {
    if (!is_open(order, node)) {
      missing.push_back(models::node_id::trusted(node));
    }
  }
  return missing;
}

}
