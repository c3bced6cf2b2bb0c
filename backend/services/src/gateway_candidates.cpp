#include "gateway_candidates.hpp"

#include <algorithm>

#include "httvps/backend/selection/rendezvous.hpp"

namespace httvps::backend::services {
namespace {

using gateway_list = std::vector<const models::gateway*>;

bool drains(const models::gateway& one) noexcept {
  return one.draining_since.has_value();
}

std::vector<std::string> regions_of(const std::vector<models::gateway>& covered) {
  std::vector<std::string> regions;
  std::ranges::transform(covered, std::back_inserter(regions), &models::gateway::region);
  std::ranges::sort(regions);
  const auto repeated = std::ranges::unique(regions);
  regions.erase(repeated.begin(), repeated.end());
  return regions;
}

bool is_among(const gateway_list& chosen, const models::gateway& one) noexcept {
  return std::ranges::count(chosen, &one) > 0;
}

gateway_list known_of(const std::vector<std::string>& ids,
                      const std::vector<models::gateway>& covered) {
  gateway_list known;
  for (const auto& id : ids) {
    const auto found =
        std::ranges::find(covered, id, [](const auto& one) { return one.id.text(); });
    if (found != covered.end()) {
      known.push_back(&*found);
    }
  }
  return known;
}

void fill_up(gateway_list& chosen, const std::vector<models::gateway>& covered,
             std::string_view device) {
  std::vector<std::pair<std::uint64_t, const models::gateway*>> others;
  for (const auto& each : covered) {
    if (!is_among(chosen, each)) {
      others.emplace_back(selection::rendezvous_hash(device, each.id.text()), &each);
    }
  }
  std::ranges::sort(others, std::ranges::greater());
  for (const auto& each : others) {
    chosen.push_back(each.second);
  }
}

void keep_asked(gateway_list& chosen, const std::vector<models::gateway>& covered,
                const models::gateway& asked) {
  const auto found = std::ranges::find(covered, asked.id, &models::gateway::id);
  const auto end =
      chosen.begin() + static_cast<std::ptrdiff_t>(std::min(chosen.size(), most_config_gateways));
  const bool is_told = found == covered.end() || std::find(chosen.begin(), end, &*found) != end;
  if (!is_told) {
    *std::prev(end) = &*found;
  }
}

std::vector<models::gateway> as_gateways(const gateway_list& chosen) {
  std::vector<models::gateway> gateways;
  for (const auto* each : chosen) {
    if (gateways.size() < most_config_gateways) {
      gateways.push_back(*each);
    }
  }
  return gateways;
}

}

std::vector<models::gateway> complete_candidates(const gateway_choice& made,
                                                 const std::vector<models::gateway>& covered,
                                                 const candidate_order& order) {
  auto chosen = known_of(made.gateways, covered);
  if (chosen.size() < most_config_gateways) {
    fill_up(chosen, covered, order.device);
  }
  keep_asked(chosen, covered, order.asked);
  return as_gateways(chosen);
}

gateway_order order_over(const std::vector<models::gateway>& covered,
                         const candidate_order& order) {
  const bool is_covered = std::ranges::count(covered, order.asked.id, &models::gateway::id) > 0;
  const bool is_held = is_covered && order.role == asked_gateway::held;
  const bool all_drain = std::ranges::all_of(covered, drains);
  return {.device = std::string(order.device),
          .region = order.asked.region,
          .wanted_region = std::string(order.wanted_region),
          .held = is_held ? std::optional(order.asked.id.text()) : std::nullopt,
          .regions = regions_of(covered),
          .draining = all_drain ? selection::drain_rule::presumes_fit : order.draining};
}

std::vector<models::gateway> choose_candidates(const std::vector<models::gateway>& covered,
                                               const candidate_order& order, node_fleet& fleet) {
  return complete_candidates(fleet.choose_gateways(order_over(covered, order)), covered, order);
}

std::vector<models::gateway> preview_candidates(const std::vector<models::gateway>& covered,
                                                const candidate_order& order, node_fleet& fleet) {
  return complete_candidates(fleet.preview_gateways(order_over(covered, order)), covered, order);
}

}
