#include "httvps/sdk/carrier_keeper.hpp"

#include <algorithm>

namespace httvps::sdk {
namespace {

constexpr auto look_interval = std::chrono::seconds(1);
constexpr std::size_t doublings_most = 6;

}

carrier_keeper::carrier_keeper(keeper_settings chosen, base::random_source& random)
    : chosen_(chosen), random_(random) {}

void carrier_keeper::use(const keeper_settings& chosen) {
  const bool same_ages =
      chosen_.age_least == chosen.age_least && chosen_.age_most == chosen.age_most;
  chosen_ = chosen;
  for (auto& [number, each] : carriers_) {
    each.renew_at = same_ages ? each.renew_at : renewal_of(each.attached_at);
  }
}

base::steady_time carrier_keeper::renewal_of(base::steady_time attached_at) {
  const auto spread = std::max(chosen_.age_most, chosen_.age_least) - chosen_.age_least;
  const auto extra = random_.below(static_cast<std::uint64_t>(spread.count()) + 1);
  return attached_at + chosen_.age_least + std::chrono::milliseconds(extra);
}

void carrier_keeper::note_dial_failed(carrier_kind kind, base::steady_time now) {
  const auto found = std::ranges::find(dialling_, kind);
  if (found != dialling_.end()) {
    dialling_.erase(found);
  }
  dial_not_before_ = now;
  if (failures_ > 0) {
    const auto doublings = std::min(failures_ - 1, doublings_most);
    dial_not_before_ += std::min(chosen_.redial_least * (1 << doublings), chosen_.redial_most);
  }
  ++failures_;
}

void carrier_keeper::note_attached(wire::carrier_number number, carrier_kind kind,
                                   base::steady_time now) {
  const auto found = std::ranges::find(dialling_, kind);
  if (found != dialling_.end()) {
    dialling_.erase(found);
  }
  carriers_[number] = {.kind = kind, .attached_at = now, .renew_at = renewal_of(now)};
}

void carrier_keeper::note_ready(wire::carrier_number number) {
  const auto found = carriers_.find(number);
  if (found != carriers_.end()) {
    found->second.ready = true;
    failures_ = 0;
  }
}

void carrier_keeper::note_suspected(wire::carrier_number number, base::steady_time now) {
  const auto found = carriers_.find(number);
  if (found != carriers_.end() && !found->second.suspect_since) {
    found->second.suspect_since = now;
  }
}

std::optional<base::steady_time> carrier_keeper::suspect_since(
    wire::carrier_number number) const noexcept {
  const auto found = carriers_.find(number);
  return found == carriers_.end() ? std::nullopt : found->second.suspect_since;
}

void carrier_keeper::note_retired(wire::carrier_number number) {
  const auto found = carriers_.find(number);
  if (found != carriers_.end()) {
    found->second.retiring = true;
  }
}

void carrier_keeper::note_ended(wire::carrier_number number, base::steady_time now) {
  const auto found = carriers_.find(number);
  if (found == carriers_.end()) {
    return;
  }
  if (!found->second.ready) {
    note_dial_failed(found->second.kind, now);
  }
  carriers_.erase(number);
  closing_.insert(number);
}

std::size_t carrier_keeper::serving(base::steady_time now) const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      carriers_, [now](const auto& entry) { return entry.second.serves(now); }));
}

std::size_t carrier_keeper::ready_and_serving(base::steady_time now) const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(carriers_, [now](const auto& entry) {
    return entry.second.ready && entry.second.serves(now);
  }));
}

std::size_t carrier_keeper::wanted(carrier_demand demand, base::steady_time now) {
  if (demand.open_streams > 0) {
    busy_since_ = busy_since_.value_or(now);
    busy_until_ = now + chosen_.idle_after;
  } else if (!busy_until_ || now >= *busy_until_) {
    busy_since_.reset();
  }
  const bool busy = busy_since_ && now - *busy_since_ >= chosen_.second_after;
  const std::size_t usual = busy ? 2 : 1;
  const std::size_t all = busy_since_ ? chosen_.carriers_most : 1;
  return std::min(demand.emergency ? all : usual, chosen_.carriers_most);
}

void carrier_keeper::drop_hopeless(keeper_plan& plan, base::steady_time now) const {
  const bool replaced = ready_and_serving(now) > 0;
  for (const auto& [number, each] : carriers_) {
    const bool mute = !each.ready && now - each.attached_at >= chosen_.welcome_patience;
    const bool given_up =
        replaced && each.suspect_since && now - *each.suspect_since >= chosen_.suspect_patience;
    if (mute || given_up) {
      plan.drop.push_back(number);
    }
  }
}

void carrier_keeper::retire_surplus(keeper_plan& plan, std::size_t want, base::steady_time now) {
  const auto ready = ready_and_serving(now);
  std::size_t surplus = ready > want ? ready - want : 0;
  for (auto entry = carriers_.rbegin(); entry != carriers_.rend(); ++entry) {
    auto& [number, each] = *entry;
    if (each.retiring || each.suspect_since || !each.ready) {
      continue;
    }
    const bool old = now >= each.renew_at && ready > 0;
    if (old || surplus > 0) {
      surplus -= old ? 0 : 1;
      each.retiring = true;
      plan.retire.push_back(number);
    }
  }
}

bool carrier_keeper::make_room(keeper_plan& plan, std::size_t connections) const {
  const auto own = carriers_.size() + closing_.size() + dialling_.size();
  const auto taken = std::max(own, connections);
  if (taken - plan.drop.size() < chosen_.carriers_most) {
    return true;
  }
  for (const auto& [number, each] : carriers_) {
    if (each.suspect_since && std::ranges::find(plan.drop, number) == plan.drop.end()) {
      plan.drop.push_back(number);
      return true;
    }
  }
  return false;
}

carrier_kind carrier_keeper::next_kind() const noexcept {
  if (chosen_.pattern != carrier_pattern::mixed) {
    return chosen_.pattern == carrier_pattern::http2 ? carrier_kind::http2 : carrier_kind::http1;
  }
  const bool has_http2 = std::ranges::any_of(carriers_,
                                             [](const auto& entry) {
                                               const auto& each = entry.second;
                                               return each.kind == carrier_kind::http2 &&
                                                      !each.suspect_since && !each.retiring;
                                             }) ||
                         std::ranges::find(dialling_, carrier_kind::http2) != dialling_.end();
  return has_http2 ? carrier_kind::http1 : carrier_kind::http2;
}

void carrier_keeper::schedule(keeper_plan& plan, base::steady_time now) const {
  plan.look_again = now + look_interval;
  const auto sooner = [&plan, now](base::steady_time when) {
    if (when > now) {
      plan.look_again = std::min(plan.look_again, when);
    }
  };
  sooner(dial_not_before_);
  if (busy_since_) {
    sooner(*busy_since_ + chosen_.second_after);
  }
  for (const auto& [number, each] : carriers_) {
    sooner(each.renew_at);
    sooner(each.attached_at + chosen_.welcome_patience);
    if (each.suspect_since) {
      sooner(*each.suspect_since + chosen_.suspect_patience);
    }
  }
}

keeper_plan carrier_keeper::plan(carrier_demand demand, base::steady_time now) {
  keeper_plan plan;
  const auto want = wanted(demand, now);
  drop_hopeless(plan, now);
  retire_surplus(plan, want, now);
  const bool short_of_some = serving(now) + dialling_.size() < want;
  if (short_of_some && now >= dial_not_before_ && make_room(plan, demand.connections)) {
    plan.dial = next_kind();
    plan.look_again = now;
    return plan;
  }
  schedule(plan, now);
  return plan;
}

}
