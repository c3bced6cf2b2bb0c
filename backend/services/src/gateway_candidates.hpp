#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/models/gateway.hpp"
#include "httvps/backend/services/node_fleet.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_config_gateways = 3;

struct candidate_order {
  std::string_view device;
  std::string_view region;
  const models::gateway_id& asked;
  bool presumes_draining_fit = false;
  std::string_view wanted_region = {};
};

std::vector<models::gateway> choose_candidates(const std::vector<models::gateway>& covered,
                                               const candidate_order& order, node_fleet& fleet);

}
