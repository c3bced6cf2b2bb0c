#include <algorithm>

#include "pool_state.hpp"

namespace httvps::backend::selection {
namespace {

bool is_counted(const pool_entry& entry) noexcept {
  return entry.heard_at && entry.stage != health::gone &&
         entry.who.state != service_state::disabled;
}

silence_count count_silence(const pool_region& region, base::steady_time now) noexcept {
  silence_count counted;
  for (const auto* each : region.members) {
    if (!is_counted(*each)) {
      continue;
    }
    ++counted.members;
    const auto silence = now - *each->heard_at;
    if (silence >= suspect_after) {
      ++counted.silent;
      counted.newly_silent += silence < suspect_after + panic_window ? 1U : 0U;
    }
  }
  return counted;
}

health judged_health(const pool_entry& entry, const panic_rule& panic, base::steady_time now) {
  if (!entry.heard_at) {
    return health::healthy;
  }
  const auto judged = health_after(now - *entry.heard_at);
  const bool is_held = judged != health::healthy && panic.holds(*entry.heard_at + suspect_after);
  return is_held ? health::healthy : judged;
}

void settle_health(pool_entry& entry, health judged, const sweep_moment& moment) {
  if (judged == entry.stage) {
    return;
  }
  const bool was_out = entry.stage == health::out || entry.stage == health::gone;
  if (was_out && judged == health::healthy) {
    entry.healthy_since = moment.now;
    entry.credit = 0;
  }
  entry.stage = judged;
  moment.events.push_back({.kind = pool_event_kind::health_changed,
                           .region = entry.who.region,
                           .member = entry.who.id,
                           .stage = judged});
}

void note_panic(const pool_region& region, pool_event_kind kind, const sweep_moment& moment) {
  moment.events.push_back({.kind = kind, .region = region.code, .member = {}});
}

std::size_t count_serving(const pool_region& region) {
  return static_cast<std::size_t>(std::ranges::count_if(
      region.members, [](const auto* each) { return each->who.state == service_state::serving; }));
}

std::size_t count_ejected(const pool_region& region) {
  return static_cast<std::size_t>(std::ranges::count_if(
      region.members, [](const auto* each) { return each->ejected_until.has_value(); }));
}

std::size_t count_assignable(const pool_region& region) {
  return static_cast<std::size_t>(std::ranges::count_if(
      region.members, [](const auto* each) { return each->is_assignable(); }));
}

void readmit(pool_entry& entry, const sweep_moment& moment) {
  entry.ejected_until.reset();
  entry.healthy_since = moment.now;
  entry.calm_since = moment.now;
  entry.credit = 0;
  entry.window = {};
  moment.events.push_back(
      {.kind = pool_event_kind::readmitted, .region = entry.who.region, .member = entry.who.id});
}

void forgive(pool_entry& entry, base::steady_time now) noexcept {
  while (entry.ejections > 0 && now - entry.calm_since >= calm_to_forgive) {
    --entry.ejections;
    entry.calm_since += calm_to_forgive;
  }
}

void eject(pool_entry& entry, ejection_cause cause, const sweep_moment& moment) {
  ++entry.ejections;
  entry.ejected_until = moment.now + ejection_time(entry.ejections);
  moment.events.push_back({.kind = pool_event_kind::ejected,
                           .region = entry.who.region,
                           .member = entry.who.id,
                           .stage = entry.stage,
                           .cause = cause});
}

void close_window(pool_entry& entry, base::steady_time now) noexcept {
  auto& window = entry.window;
  const auto attempts = window.succeeded + window.failed;
  if (attempts > 0) {
    entry.errors.add(static_cast<double>(window.failed) / static_cast<double>(attempts), now);
  }
  window = {.failed_in_a_row = window.failed_in_a_row};
}

void sum_up_window(pool_entry& entry) noexcept {
  auto& window = entry.window;
  window.failed_in_a_row = window.succeeded > 0 ? 0 : window.failed_in_a_row + window.failed;
}

std::vector<pool_entry*> under_judgement(const pool_region& region) {
  std::vector<pool_entry*> judged;
  std::ranges::copy_if(region.members, std::back_inserter(judged),
                       [](const auto* each) { return each->is_assignable(); });
  return judged;
}

member_signals signals_of(const pool_entry& entry, base::steady_time now) {
  std::optional<base::duration> round_trip;
  if (const auto seconds = entry.round_trip.value()) {
    round_trip =
        std::chrono::duration_cast<base::duration>(std::chrono::duration<double>(*seconds));
  }
  return {.admin_weight = entry.who.weight,
          .utilisation = entry.utilisation.value(),
          .error_rate = entry.errors.value().value_or(0),
          .round_trip = round_trip,
          .healthy_for = now - entry.healthy_since,
          .report_age = entry.reported_at ? now - *entry.reported_at : base::duration::max()};
}

double mean_headroom(const pool_region& region, base::steady_time now) {
  double sum = 0;
  double count = 0;
  for (const auto* each : region.members) {
    const auto signals = signals_of(*each, now);
    if (each->is_assignable() && is_load_known(signals)) {
      sum += headroom_of(*signals.utilisation);
      ++count;
    }
  }
  return count > 0 ? sum / count : 1;
}

double share_of(const pool_region& region) noexcept {
  double free = 0;
  double all = 0;
  for (const auto* each : region.members) {
    all += each->who.state == service_state::serving ? each->who.weight : 0;
    free += each->is_assignable() ? each->who.weight * each->factors.headroom : 0;
  }
  return all > 0 ? free / all : 0;
}

}

obstacle pool_entry::unfit() const noexcept {
  if (who.state != service_state::serving) {
    return who.state == service_state::draining ? obstacle::draining : obstacle::disabled;
  }
  switch (stage) {
    case health::suspect:
      return obstacle::suspect;
    case health::out:
      return obstacle::out;
    case health::gone:
      return obstacle::gone;
    case health::healthy:
      break;
  }
  return ejected_until ? obstacle::ejected : obstacle::none;
}

void sweep_health(pool_region& region, const sweep_moment& moment) {
  const bool was_active = region.panic.is_active();
  region.panic.update(count_silence(region, moment.now), moment.now);
  if (region.panic.is_active() != was_active) {
    note_panic(region, was_active ? pool_event_kind::panic_ended : pool_event_kind::panic_began,
               moment);
  }
  for (auto* each : region.members) {
    settle_health(*each, judged_health(*each, region.panic, moment.now), moment);
  }
}

void end_ejections(pool_region& region, const sweep_moment& moment) {
  std::vector<pool_entry*> ejected;
  for (auto* each : region.members) {
    if (each->ejected_until && *each->ejected_until <= moment.now) {
      readmit(*each, moment);
    } else if (each->ejected_until) {
      ejected.push_back(each);
    } else {
      forgive(*each, moment.now);
    }
  }
  std::ranges::sort(ejected, {}, [](const auto* each) { return *each->ejected_until; });
  const auto most = most_ejected(count_serving(region));
  for (std::size_t i = 0; i + most < ejected.size(); ++i) {
    readmit(*ejected[i], moment);
  }
}

void sweep_ejections(pool_region& region, const sweep_moment& moment) {
  std::ranges::for_each(region.members, [](auto* each) { sum_up_window(*each); });
  const auto judged = under_judgement(region);
  std::vector<connect_record> records;
  std::ranges::transform(judged, std::back_inserter(records),
                         [](const auto* each) { return each->window; });
  const auto most = most_ejected(count_serving(region));
  auto ejected = count_ejected(region);
  auto assignable = count_assignable(region);
  for (const auto& each : find_failing(records)) {
    if (ejected < most && assignable > 1) {
      eject(*judged[each.index], each.cause, moment);
      ++ejected;
      --assignable;
    }
  }
  std::ranges::for_each(region.members, [&](auto* each) { close_window(*each, moment.now); });
}

void sweep_weights(pool_region& region, base::steady_time now) {
  region.typical_headroom = mean_headroom(region, now);
  for (auto* each : region.members) {
    each->factors = weigh(signals_of(*each, now), region.typical_headroom);
  }
  region.share = share_of(region);
}

}
