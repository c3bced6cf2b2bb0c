#include "httvps/backend/selection/rendezvous.hpp"

#include <algorithm>
#include <cmath>
#include <compare>
#include <functional>
#include <tuple>
#include <utility>

namespace httvps::backend::selection {
namespace {

constexpr std::uint64_t fnv_offset = 14695981039346656037U;
constexpr std::uint64_t fnv_prime = 1099511628211U;

struct pairing {
  std::uint64_t hash = 0;
  std::size_t gateway = 0;
  std::size_t node = 0;

  auto operator<=>(const pairing&) const = default;
};

std::uint64_t absorb(std::uint64_t state, std::string_view text) noexcept {
  for (const char each : text) {
    state = (state ^ static_cast<unsigned char>(each)) * fnv_prime;
  }
  return state;
}

std::uint64_t finish(std::uint64_t state) noexcept {
  state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9U;
  state = (state ^ (state >> 27)) * 0x94d049bb133111ebU;
  return state ^ (state >> 31);
}

void add_best(std::vector<pairing>& chosen, std::vector<pairing>& offered, std::size_t most) {
  const auto end = offered.begin() + static_cast<std::ptrdiff_t>(std::min(most, offered.size()));
  std::ranges::partial_sort(offered, end, std::ranges::greater());
  chosen.insert(chosen.end(), offered.begin(), end);
}

struct side {
  std::span<const std::string> gateways;
  std::span<const std::string> nodes;
};

std::vector<pairing> offers_to_gateway(const side& both, std::size_t gateway) {
  std::vector<pairing> offers;
  offers.reserve(both.nodes.size());
  for (std::size_t node = 0; node < both.nodes.size(); ++node) {
    offers.push_back({rendezvous_hash(both.gateways[gateway], both.nodes[node]), gateway, node});
  }
  return offers;
}

std::vector<pairing> offers_to_node(const side& both, std::size_t node) {
  std::vector<pairing> offers;
  offers.reserve(both.gateways.size());
  for (std::size_t gateway = 0; gateway < both.gateways.size(); ++gateway) {
    offers.push_back({rendezvous_hash(both.gateways[gateway], both.nodes[node]), gateway, node});
  }
  return offers;
}

std::vector<node_grant> ranked(std::vector<pairing> chosen, const side& both) {
  std::ranges::sort(chosen, [](const pairing& left, const pairing& right) {
    return std::tuple(left.gateway, right) < std::tuple(right.gateway, left);
  });
  const auto repeated = std::ranges::unique(chosen);
  chosen.erase(repeated.begin(), repeated.end());
  std::vector<node_grant> grants;
  for (const auto& each : chosen) {
    const auto& gateway = both.gateways[each.gateway];
    const bool goes_on = !grants.empty() && grants.back().gateway == gateway;
    grants.push_back({gateway, both.nodes[each.node], goes_on ? grants.back().rank + 1 : 0});
  }
  return grants;
}

}

std::uint64_t rendezvous_hash(std::string_view key, std::string_view candidate) noexcept {
  const auto first = absorb(fnv_offset, key);
  return finish(absorb(absorb(first, std::string_view("\0", 1)), candidate));
}

double rendezvous_score(std::uint64_t hash, double weight) noexcept {
  const double uniform = (static_cast<double>(hash >> 11) + 0.5) * 0x1.0p-53;
  return -weight / std::log(uniform);
}

std::vector<node_grant> plan_grants(std::span<const std::string> gateways,
                                    std::span<const std::string> nodes, const grant_rules& rules) {
  const side both{.gateways = gateways, .nodes = nodes};
  std::vector<pairing> chosen;
  for (std::size_t gateway = 0; gateway < gateways.size(); ++gateway) {
    auto offers = offers_to_gateway(both, gateway);
    add_best(chosen, offers, rules.nodes_a_gateway);
  }
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    auto offers = offers_to_node(both, node);
    add_best(chosen, offers, rules.gateways_a_node);
  }
  return ranked(std::move(chosen), both);
}

}
