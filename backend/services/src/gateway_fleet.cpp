#include <algorithm>
#include <utility>

#include "httvps/backend/services/node_fleet.hpp"

namespace httvps::backend::services {
namespace {

using selection::ranked_member;

selection::choice_request request_in(const gateway_order& order, const std::string& region) {
  return {.region = region,
          .key = order.device,
          .held = order.held,
          .granted = std::nullopt,
          .draining = order.draining};
}

class candidate_list {
 public:
  void lead_with(const std::string& first, const std::vector<ranked_member>& ranked) {
    const auto found = std::ranges::find(ranked, first, &ranked_member::id);
    take(found == ranked.end() ? ranked_member{.id = first} : *found);
  }
  void add_region(const std::vector<ranked_member>& ranked) {
    for (const auto& each : ranked) {
      if (is_full()) {
        return;
      }
      if (std::ranges::count(chosen_, each.id) > 0) {
        continue;
      }
      if (std::ranges::count(domains_, each.domain) > 0) {
        repeated_.push_back(each.id);
      } else {
        take(each);
      }
    }
  }
  bool is_full() const noexcept { return chosen_.size() >= selection::most_candidates; }
  std::vector<std::string> ordered() && {
    std::ranges::move(repeated_, std::back_inserter(chosen_));
    return std::move(chosen_);
  }

 private:
  void take(const ranked_member& one) {
    chosen_.push_back(one.id);
    domains_.push_back(one.domain);
  }

  std::vector<std::string> chosen_;
  std::vector<std::string> domains_;
  std::vector<std::string> repeated_;
};

}

std::optional<selection::coordinates> node_fleet::place_of(const std::string& region) const {
  const auto place = places_.find(region);
  return place == places_.end() ? std::nullopt : std::optional(place->second);
}

std::string node_fleet::first_region_for(const gateway_order& order) const {
  if (!order.wanted_region.empty()) {
    return order.wanted_region;
  }
  const auto held = order.held ? gateways_.find(*order.held) : std::nullopt;
  if (held && held->unfit == selection::obstacle::none) {
    return held->region;
  }
  std::vector<selection::region_candidate> regions;
  for (const auto& each : gateways_.regions()) {
    if (std::ranges::count(order.regions, each.code) > 0) {
      regions.push_back(
          {.place = {.code = each.code, .where = place_of(each.code)}, .share = each.share});
    }
  }
  return selection::region_with_room(order.region, regions).value_or(order.region);
}

std::vector<std::string> node_fleet::regions_from(const std::string& start,
                                                  const gateway_order& order) const {
  std::vector<selection::region_place> places;
  places.reserve(order.regions.size());
  for (const auto& code : order.regions) {
    places.push_back({.code = code, .where = place_of(code)});
  }
  return selection::by_distance(start, places);
}

std::vector<std::string> node_fleet::spread(const gateway_order& order,
                                            const gateway_choice& made) const {
  candidate_list candidates;
  bool is_first = true;
  for (const auto& region : regions_from(made.region, order)) {
    const auto ranked =
        gateways_.rank({.region = region, .key = order.device, .draining = order.draining});
    if (std::exchange(is_first, false)) {
      candidates.lead_with(made.gateways.front(), ranked);
    }
    candidates.add_region(ranked);
    if (candidates.is_full()) {
      break;
    }
  }
  return std::move(candidates).ordered();
}

template <typename Pick>
gateway_choice node_fleet::pick_gateways(const gateway_order& order, Pick pick) {
  const std::scoped_lock lock(mutex_);
  advance();
  for (const auto& region : regions_from(first_region_for(order), order)) {
    const auto made = pick(request_in(order, region));
    if (made) {
      gateway_choice choice{
          .region = region, .gateways = {made->members.front()}, .reason = made->reason};
      choice.gateways = spread(order, choice);
      return choice;
    }
  }
  return {.region = order.region, .gateways = {}};
}

gateway_choice node_fleet::choose_gateways(const gateway_order& order) {
  return pick_gateways(
      order, [this](const selection::choice_request& wanted) { return gateways_.choose(wanted); });
}

gateway_choice node_fleet::preview_gateways(const gateway_order& order) {
  return pick_gateways(
      order, [this](const selection::choice_request& wanted) { return gateways_.preview(wanted); });
}

gateway_explanation node_fleet::explain_gateways(const gateway_order& order) {
  gateway_explanation told{.choice = preview_gateways(order), .candidates = {}};
  const std::scoped_lock lock(mutex_);
  told.candidates = gateways_.standings(told.choice.region);
  return told;
}

}
