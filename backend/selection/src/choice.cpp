#include <algorithm>
#include <utility>

#include "httvps/backend/selection/rendezvous.hpp"
#include "httvps/backend/selection/rotation.hpp"
#include "pool_state.hpp"

namespace httvps::backend::selection {
namespace {

using entry_list = std::vector<const pool_entry*>;

double lasting_weight(const pool_entry& entry) noexcept {
  auto factors = entry.factors;
  factors.slow_start = 1;
  factors.freshness = 1;
  return factors.weight();
}

double best_weight(const entry_list& entries, double typical_headroom) noexcept {
  double best = 0;
  for (const auto* each : entries) {
    auto factors = each->factors;
    factors.headroom = std::min(factors.headroom, typical_headroom);
    best = std::max(best, factors.weight());
  }
  return best;
}

choice_reason reason_against(obstacle unfit) noexcept {
  switch (unfit) {
    case obstacle::suspect:
    case obstacle::out:
    case obstacle::gone:
      return choice_reason::unhealthy;
    case obstacle::ejected:
      return choice_reason::ejected;
    case obstacle::none:
    case obstacle::draining:
    case obstacle::disabled:
      break;
  }
  return choice_reason::withdrawn;
}

bool is_permitted(const pool_entry& held, const choice_request& wanted) {
  return held.who.region == wanted.region &&
         (!wanted.granted || std::ranges::count(*wanted.granted, held.who.id) > 0);
}

bool is_running_out(const pool_entry& held) noexcept {
  const bool is_spoken_for = held.who.state != service_state::disabled && !held.ejected_until;
  const bool is_on_its_way_out =
      held.who.state == service_state::draining || held.stage == health::suspect;
  const bool is_up = held.stage == health::healthy || held.stage == health::suspect;
  return is_spoken_for && is_on_its_way_out && is_up;
}

choice_reason judge_held(const pool_entry* held, const choice_request& wanted, double best) {
  if (!wanted.held) {
    return choice_reason::first;
  }
  if (held == nullptr || !is_permitted(*held, wanted)) {
    return choice_reason::withdrawn;
  }
  if (is_running_out(*held)) {
    return choice_reason::running_out;
  }
  if (!held->is_assignable()) {
    return reason_against(held->unfit());
  }
  return lasting_weight(*held) >= sticky_share * best ? choice_reason::kept
                                                      : choice_reason::outweighed;
}

bool keeps_held(choice_reason reason) noexcept {
  return reason == choice_reason::kept || reason == choice_reason::running_out;
}

std::vector<rotation_entry> rotation_of(const entry_list& fit, const entry_list& eligible) {
  std::vector<rotation_entry> entries;
  entries.reserve(fit.size());
  for (const auto* each : fit) {
    const bool is_open = fit.size() == eligible.size() || std::ranges::count(eligible, each) > 0;
    entries.push_back(
        {.weight = each->factors.weight(), .credit = each->credit, .is_open = is_open});
  }
  return entries;
}

struct reserve {
  double score = 0;
  const pool_entry* entry = nullptr;
};

std::vector<reserve> reserves_for(std::string_view key, const entry_list& eligible,
                                  const pool_entry& first) {
  std::vector<reserve> reserves;
  reserves.reserve(eligible.size());
  for (const auto* each : eligible) {
    if (each != &first) {
      const auto hash = rendezvous_hash(key, each->who.id);
      reserves.push_back({rendezvous_score(hash, each->factors.weight()), each});
    }
  }
  std::ranges::sort(reserves, std::ranges::greater(), &reserve::score);
  return reserves;
}

std::vector<std::string> with_reserves(const pool_entry& first,
                                       const std::vector<reserve>& reserves) {
  entry_list taken{&first};
  const auto take = [&](auto&& fits) {
    for (const auto& each : reserves) {
      if (taken.size() < most_candidates && std::ranges::count(taken, each.entry) == 0 &&
          fits(*each.entry)) {
        taken.push_back(each.entry);
      }
    }
  };
  take([&](const pool_entry& one) {
    return std::ranges::none_of(
        taken, [&](const auto* each) { return each->who.domain == one.who.domain; });
  });
  take([](const pool_entry&) { return true; });
  std::vector<std::string> ids;
  std::ranges::transform(taken, std::back_inserter(ids),
                         [](const auto* each) { return each->who.id; });
  return ids;
}

}

base::duration lease_length(std::uint64_t random) noexcept {
  constexpr std::chrono::milliseconds typical = typical_lease;
  constexpr std::uint64_t spread = static_cast<std::uint64_t>(typical.count()) * 2 / 5;
  return typical * 4 / 5 + std::chrono::milliseconds(random % (spread + 1));
}

std::vector<const pool_entry*> member_pool::state::fit_in(std::string_view code,
                                                          drain_rule rule) const {
  entry_list found;
  if (const auto region = regions.find(code); region != regions.end()) {
    std::ranges::copy_if(region->second.members, std::back_inserter(found),
                         [rule](const auto* each) { return each->is_open_to(rule); });
  }
  return found;
}

double member_pool::state::best_in(std::string_view code,
                                   const std::vector<const pool_entry*>& eligible) const {
  const auto region = regions.find(code);
  return region == regions.end() ? 0 : best_weight(eligible, region->second.typical_headroom);
}

std::vector<const pool_entry*> member_pool::state::eligible(const choice_request& wanted) const {
  if (!wanted.granted) {
    return fit_in(wanted.region, wanted.draining);
  }
  entry_list found;
  for (const auto& id : *wanted.granted) {
    const auto* entry = find(id);
    if (entry != nullptr && entry->who.region == wanted.region &&
        entry->is_open_to(wanted.draining)) {
      found.push_back(entry);
    }
  }
  return found;
}

std::optional<choice> member_pool::preview(const choice_request& wanted) const {
  const auto& pool = std::as_const(*state_);
  const auto eligible = pool.eligible(wanted);
  const auto* first = wanted.held ? pool.find(*wanted.held) : nullptr;
  const auto reason = judge_held(first, wanted, pool.best_in(wanted.region, eligible));
  if (!keeps_held(reason)) {
    const auto fit = pool.fit_in(wanted.region, wanted.draining);
    const auto picked = next_in_rotation(rotation_of(fit, eligible));
    if (!picked) {
      return std::nullopt;
    }
    first = fit[*picked];
  }
  return choice{.members = with_reserves(*first, reserves_for(wanted.key, eligible, *first)),
                .reason = reason};
}

std::optional<choice> member_pool::choose(const choice_request& wanted) {
  auto made = preview(wanted);
  if (made && !keeps_held(made->reason)) {
    const auto fit = state_->fit_in(wanted.region, wanted.draining);
    auto entries = rotation_of(fit, state_->eligible(wanted));
    turn_rotation(entries);
    for (std::size_t i = 0; i < fit.size(); ++i) {
      state_->find(fit[i]->who.id)->credit = entries[i].credit;
    }
  }
  return made;
}

std::vector<ranked_member> member_pool::rank(const ranking_request& wanted) const {
  std::vector<ranked_member> ranked;
  for (const auto* each : std::as_const(*state_).fit_in(wanted.region, wanted.draining)) {
    const auto hash = rendezvous_hash(wanted.key, each->who.id);
    ranked.push_back({.id = each->who.id,
                      .domain = each->who.domain,
                      .score = rendezvous_score(hash, each->factors.weight())});
  }
  std::ranges::sort(ranked, std::ranges::greater(), &ranked_member::score);
  return ranked;
}

}
