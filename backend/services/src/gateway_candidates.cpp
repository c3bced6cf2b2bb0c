#include "gateway_candidates.hpp"

#include <algorithm>
#include <tuple>

#include "httvps/backend/selection/place.hpp"
#include "httvps/backend/selection/rendezvous.hpp"

namespace httvps::backend::services {
namespace {

struct ranked_gateway {
  bool is_fit = true;
  bool is_wanted = false;
  bool is_asked = false;
  bool is_near = true;
  double score = 0;
  std::string domain;
  const models::gateway* entry = nullptr;
};

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

bool goes_before(const ranked_gateway& one, const ranked_gateway& other) {
  return std::tie(one.is_fit, one.is_wanted, one.is_asked, one.is_near, one.score) >
         std::tie(other.is_fit, other.is_wanted, other.is_asked, other.is_near, other.score);
}

std::vector<ranked_gateway> ranked(const std::vector<models::gateway>& covered,
                                   const candidate_order& order, node_fleet& fleet) {
  std::vector<ranked_gateway> ranks;
  ranks.reserve(covered.size());
  for (const auto& each : covered) {
    const auto hash = selection::rendezvous_hash(order.device, each.id.text());
    const bool is_presumed = order.presumes_draining_fit && each.draining_since.has_value();
    ranks.push_back({.is_fit = is_presumed || fleet.is_fit_gateway(each.id.text()),
                     .is_wanted = each.region == order.wanted_region,
                     .is_asked = each.id == order.asked,
                     .is_near = each.region == order.region,
                     .score = selection::rendezvous_score(hash, 1),
                     .domain = domain_of(each),
                     .entry = &each});
  }
  std::ranges::sort(ranks, goes_before);
  return ranks;
}

std::vector<const ranked_gateway*> spread(const std::vector<ranked_gateway>& ranks) {
  std::vector<const ranked_gateway*> chosen;
  std::vector<const ranked_gateway*> others;
  for (const auto& each : ranks) {
    const auto same_domain = [&each](const ranked_gateway* taken) {
      return taken->domain == each.domain;
    };
    const bool helps = each.is_fit && std::ranges::none_of(chosen, same_domain);
    (helps ? chosen : others).push_back(&each);
  }
  chosen.insert(chosen.end(), others.begin(), others.end());
  return chosen;
}

void cut_short(std::vector<const ranked_gateway*>& chosen) {
  if (chosen.size() <= most_config_gateways) {
    return;
  }
  const auto last = chosen.begin() + most_config_gateways - 1;
  const auto asked =
      std::find_if(last, chosen.end(), [](const auto* each) { return each->is_asked; });
  if (asked != chosen.end()) {
    std::iter_swap(last, asked);
  }
  chosen.resize(most_config_gateways);
}

}

std::vector<models::gateway> choose_candidates(const std::vector<models::gateway>& covered,
                                               const candidate_order& order, node_fleet& fleet) {
  const auto ranks = ranked(covered, order, fleet);
  auto ordered = spread(ranks);
  cut_short(ordered);
  std::vector<models::gateway> chosen;
  chosen.reserve(ordered.size());
  for (const auto* each : ordered) {
    chosen.push_back(*each->entry);
  }
  return chosen;
}

}
