#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/models/gateway.hpp"
#include "httvps/backend/services/documents.hpp"
#include "httvps/backend/services/node_fleet.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_config_gateways = selection::most_candidates;

struct candidate_order {
  std::string_view device;
  const models::gateway& asked;
  asked_gateway role = asked_gateway::held;
  selection::drain_rule draining = selection::drain_rule::leaves_out;
  std::string_view wanted_region = {};
};

gateway_order order_over(const std::vector<models::gateway>& covered, const candidate_order& order);
std::vector<models::gateway> choose_candidates(const std::vector<models::gateway>& covered,
                                               const candidate_order& order, node_fleet& fleet);
std::vector<models::gateway> complete_candidates(const gateway_choice& made,
                                                 const std::vector<models::gateway>& covered,
                                                 const candidate_order& order);
std::vector<models::gateway> preview_candidates(const std::vector<models::gateway>& covered,
                                                const candidate_order& order, node_fleet& fleet);

}
