#include <algorithm>

#include "httvps/backend/selection/place.hpp"
#include "httvps/backend/selection/rendezvous.hpp"
#include "httvps/backend/services/node_fleet.hpp"

namespace httvps::backend::services {
namespace {

constexpr double bits_a_byte = 8;
constexpr std::chrono::minutes clock_slack{1};
constexpr double millionths = 1e6;

double in_degrees(std::int64_t stored) noexcept {
  return static_cast<double>(stored) / millionths;
}

selection::service_state service_of(models::node_state state) noexcept {
  switch (state) {
    case models::node_state::enabled:
      return selection::service_state::serving;
    case models::node_state::draining:
      return selection::service_state::draining;
    case models::node_state::disabled:
      break;
  }
  return selection::service_state::disabled;
}

template <typename Member>
selection::member_capacity capacity_of(const Member& one) noexcept {
  return {.sessions = static_cast<double>(one.max_sessions.value_or(0)),
          .bits_per_second = static_cast<double>(one.capacity_bps.value_or(0))};
}

std::string domain_of(const models::gateway& gateway) {
  if (gateway.addresses.empty()) {
    return selection::failure_domain_of(gateway.host);
  }
  std::string_view host = gateway.addresses.front();
  host = host.substr(0, host.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  return selection::failure_domain_of(host);
}

selection::member member_of(const models::node& node) {
  return {.id = node.id.text(),
          .region = node.region,
          .domain = selection::failure_domain_of(node.host),
          .weight = static_cast<double>(node.weight),
          .capacity = capacity_of(node),
          .state = service_of(node.state)};
}

selection::service_state service_of(const models::gateway& gateway) noexcept {
  if (gateway.state != models::gateway_state::approved) {
    return selection::service_state::disabled;
  }
  return gateway.draining_since ? selection::service_state::draining
                                : selection::service_state::serving;
}

selection::member member_of(const models::gateway& gateway) {
  return {.id = gateway.id.text(),
          .region = gateway.region,
          .domain = domain_of(gateway),
          .weight = static_cast<double>(gateway.weight),
          .capacity = capacity_of(gateway),
          .state = service_of(gateway)};
}

double rate_between(const models::heartbeat& before, const models::heartbeat& now) noexcept {
  const std::chrono::duration<double> elapsed = now.received_at - before.received_at;
  const auto total = now.bytes_up + now.bytes_down;
  const auto earlier = before.bytes_up + before.bytes_down;
  if (elapsed.count() <= 0 || total < earlier) {
    return 0;
  }
  return static_cast<double>(total - earlier) * bits_a_byte / elapsed.count();
}

bool takes_keys(const models::node& node) noexcept {
  return node.state != models::node_state::disabled;
}

std::vector<std::string> basis_of_grants(const std::vector<models::node>& nodes,
                                         const std::vector<models::gateway>& gateways) {
  std::vector<std::string> basis;
  for (const auto& each : nodes) {
    if (takes_keys(each)) {
      basis.push_back(each.id.text() + " " + each.region);
    }
  }
  for (const auto& each : gateways) {
    basis.push_back(each.id.text() + " " + each.region);
  }
  return basis;
}

void forget_missing(selection::member_pool& pool, const std::vector<std::string>& before,
                    const std::vector<std::string>& after) {
  for (const auto& id : before) {
    if (!std::ranges::binary_search(after, id)) {
      pool.remove(id);
    }
  }
}

}

base::result<node_fleet::catalogue> node_fleet::load(repositories& tables) const {
  catalogue found;
  HTTVPS_TRY(found.regions, tables.regions.list());
  HTTVPS_TRY(found.nodes, tables.nodes.list_all());
  HTTVPS_TRY(found.gateways, tables.gateways.list_approved());
  HTTVPS_TRY(found.beats, tables.heartbeats.list_after(seen_until_));
  if (storage_.schema_version() >= key_schema) {
    HTTVPS_TRY(found.keyrings, tables.keyrings.revisions());
  }
  return found;
}

base::result<> node_fleet::refresh(repositories& tables) {
  {
    const std::scoped_lock lock(mutex_);
    const auto now = clock_.steady_now();
    if (refreshed_at_ != base::steady_time() && now - refreshed_at_ < fleet_refresh) {
      return {};
    }
    refreshed_at_ = now;
    begun_at_ = begun_at_ == base::steady_time() ? now : begun_at_;
  }
  HTTVPS_TRY(const auto found, load(tables));
  const std::scoped_lock lock(mutex_);
  take_in(found);
  return {};
}

void node_fleet::expire() {
  const std::scoped_lock lock(mutex_);
  refreshed_at_ = {};
}

void node_fleet::take_in(const catalogue& found) {
  std::vector<std::string> known;
  known.reserve(found.nodes.size() + found.gateways.size());
  for (const auto& each : found.nodes) {
    known.push_back(each.id.text());
  }
  for (const auto& each : found.gateways) {
    known.push_back(each.id.text());
  }
  std::ranges::sort(known);
  forget_missing(nodes_, known_, known);
  forget_missing(gateways_, known_, known);
  std::erase_if(heard_, [&](const auto& each) {
    return !each.second.is_unsaved && std::ranges::binary_search(known_, each.first) &&
           !std::ranges::binary_search(known, each.first);
  });
  take_in_regions(found.regions);
  take_in_nodes(found.nodes);
  take_in_gateways(found.gateways);
  keyed_.clear();
  for (const auto& each : found.keyrings) {
    keyed_.insert(each.node.text());
  }
  hear_again(known);
  hear_others(found.beats);
  auto basis = basis_of_grants(found.nodes, found.gateways);
  if (basis != grant_basis_ || grants_.empty()) {
    plan_grants(found);
    grant_basis_ = std::move(basis);
  }
  known_ = std::move(known);
}

void node_fleet::take_in_regions(const std::vector<models::region>& regions) {
  places_.clear();
  for (const auto& each : regions) {
    if (each.latitude_millionths && each.longitude_millionths) {
      places_[each.code] = {.latitude = in_degrees(*each.latitude_millionths),
                            .longitude = in_degrees(*each.longitude_millionths)};
    }
  }
}

void node_fleet::take_in_nodes(const std::vector<models::node>& nodes) {
  for (const auto& each : nodes) {
    nodes_.put(member_of(each), clock_.steady_now());
  }
}

void node_fleet::take_in_gateways(const std::vector<models::gateway>& gateways) {
  for (const auto& each : gateways) {
    gateways_.put(member_of(each), clock_.steady_now());
  }
}

void node_fleet::plan_grants(const catalogue& found) {
  std::map<std::string, std::vector<std::string>> gateways_in;
  grants_.clear();
  nodes_in_.clear();
  region_of_gateway_.clear();
  for (const auto& each : found.gateways) {
    gateways_in[each.region].push_back(each.id.text());
    region_of_gateway_[each.id.text()] = each.region;
    grants_[each.id.text()];
  }
  for (const auto& each : found.nodes) {
    if (takes_keys(each)) {
      nodes_in_[each.region].push_back(each.id.text());
    }
  }
  for (const auto& [region, gateways] : gateways_in) {
    for (const auto& each : selection::plan_grants(gateways, nodes_in_[region])) {
      grants_[each.gateway].push_back(each.node);
    }
  }
}

void node_fleet::hear_again(const std::vector<std::string>& known) {
  for (const auto& id : known) {
    const auto found = heard_.find(id);
    if (found != heard_.end() && !std::ranges::binary_search(known_, id)) {
      hear(id, found->second.beat, moment_of(found->second.beat));
    }
  }
}

void node_fleet::hear_others(const std::vector<owned_heartbeat>& beats) {
  const bool is_start = known_.empty();
  const auto now = clock_.steady_now();
  for (const auto& [owner, beat] : beats) {
    seen_until_ = std::max(seen_until_, beat.received_at - clock_slack);
    const auto place = heard_.find(owner);
    if (place == heard_.end() || place->second.beat.received_at < beat.received_at) {
      hear(owner, beat, is_start ? now : moment_of(beat));
    }
  }
}

base::steady_time node_fleet::moment_of(const models::heartbeat& beat) const {
  const auto age = std::max(clock_.system_now() - beat.received_at, base::system_time::duration());
  return clock_.steady_now() - std::chrono::duration_cast<base::duration>(age);
}

void node_fleet::hear(std::string_view owner, const models::heartbeat& beat,
                      base::steady_time heard_at) {
  const auto [place, is_new] = heard_.try_emplace(std::string(owner));
  const double rate = is_new ? 0 : rate_between(place->second.beat, beat);
  place->second.beat = beat;
  const selection::load_sample load{.sessions = static_cast<double>(beat.active_sessions),
                                    .cpu = beat.cpu_load,
                                    .bits_per_second = rate};
  nodes_.note_heartbeat(owner, load, heard_at);
  gateways_.note_heartbeat(owner, load, heard_at);
}

}
