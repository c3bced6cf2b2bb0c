#include "httvps/backend/selection/member_pool.hpp"

#include <algorithm>
#include <utility>

#include "pool_state.hpp"

namespace httvps::backend::selection {
namespace {

standing standing_of(const pool_entry& entry, base::steady_time now) {
  return {.id = entry.who.id,
          .region = entry.who.region,
          .domain = entry.who.domain,
          .stage = entry.stage,
          .unfit = entry.unfit(),
          .ejected_for = entry.ejected_until
                             ? std::max(*entry.ejected_until - now, base::duration())
                             : base::duration(),
          .utilisation = entry.utilisation.value(),
          .factors = entry.factors};
}

}

pool_entry* member_pool::state::find(std::string_view id) {
  const auto found = entries.find(id);
  return found == entries.end() ? nullptr : &found->second;
}

const pool_entry* member_pool::state::find(std::string_view id) const {
  const auto found = entries.find(id);
  return found == entries.end() ? nullptr : &found->second;
}

void member_pool::state::leave_region(const pool_entry& entry) {
  const auto found = regions.find(entry.who.region);
  if (found == regions.end()) {
    return;
  }
  std::erase(found->second.members, &entry);
  if (found->second.members.empty()) {
    regions.erase(found);
  }
}

void member_pool::state::join_region(pool_entry& entry) {
  auto& region = regions[entry.who.region];
  region.code = entry.who.region;
  region.members.push_back(&entry);
}

member_pool::member_pool() : state_(std::make_unique<state>()) {}
member_pool::~member_pool() = default;

void member_pool::put(const member& one, base::steady_time now) {
  const auto [place, added] = state_->entries.try_emplace(one.id);
  auto& entry = place->second;
  const bool moved = !added && entry.who.region != one.region;
  if (moved) {
    state_->leave_region(entry);
  }
  entry.who = one;
  if (added) {
    entry.healthy_since = now;
    entry.calm_since = now;
  }
  if (added || moved) {
    state_->join_region(entry);
    entry.factors =
        weigh({.admin_weight = one.weight, .healthy_for = now - entry.healthy_since}, 1);
    state_->next_sweep = {};
  }
}

void member_pool::remove(std::string_view id) {
  const auto found = state_->entries.find(id);
  if (found != state_->entries.end()) {
    state_->leave_region(found->second);
    state_->entries.erase(found);
  }
}

void member_pool::expect_heartbeats(std::string_view id, base::steady_time now) {
  auto* entry = state_->find(id);
  if (entry != nullptr && !entry->heard_at) {
    entry->heard_at = now;
  }
}

bool member_pool::note_heartbeat(std::string_view id, const load_sample& load,
                                 base::steady_time now) {
  auto* entry = state_->find(id);
  if (entry == nullptr) {
    return false;
  }
  entry->heard_at = now;
  entry->reported_at = now;
  entry->utilisation.add(utilisation_of(load, entry->who.capacity), now);
  return true;
}

bool member_pool::note_outcome(const connect_outcome& seen, base::steady_time now) {
  auto* entry = state_->find(seen.member);
  if (entry == nullptr) {
    return false;
  }
  entry->window.succeeded += seen.succeeded;
  entry->window.failed += seen.failed;
  if (seen.round_trip) {
    entry->round_trip.add(std::chrono::duration<double>(*seen.round_trip).count(), now);
  }
  return true;
}

void member_pool::advance(base::steady_time now) {
  if (now < state_->next_sweep) {
    return;
  }
  state_->next_sweep = now + sweep_interval;
  state_->swept_at = now;
  const bool judges = now >= state_->next_judgement;
  if (judges) {
    state_->next_judgement = now + ejection_interval;
  }
  const sweep_moment moment{.now = now, .events = state_->events};
  for (auto& [code, region] : state_->regions) {
    sweep_health(region, moment);
    end_ejections(region, moment);
    if (judges) {
      sweep_ejections(region, moment);
    }
    sweep_weights(region, now);
  }
  if (state_->events.size() > most_events) {
    const auto excess = state_->events.size() - most_events;
    state_->events.erase(state_->events.begin(),
                         state_->events.begin() + static_cast<std::ptrdiff_t>(excess));
  }
}

std::optional<standing> member_pool::find(std::string_view id) const {
  const auto* entry = std::as_const(*state_).find(id);
  return entry == nullptr ? std::nullopt : std::optional(standing_of(*entry, state_->swept_at));
}

std::vector<standing> member_pool::standings(std::string_view region) const {
  std::vector<standing> all;
  const auto found = state_->regions.find(region);
  if (found != state_->regions.end()) {
    for (const auto* each : found->second.members) {
      all.push_back(standing_of(*each, state_->swept_at));
    }
  }
  return all;
}

std::vector<region_standing> member_pool::regions() const {
  std::vector<region_standing> all;
  for (const auto& [code, region] : state_->regions) {
    all.push_back({.code = code, .share = region.share, .is_panicking = region.panic.is_active()});
  }
  return all;
}

std::vector<pool_event> member_pool::take_events() {
  return std::exchange(state_->events, {});
}

}
