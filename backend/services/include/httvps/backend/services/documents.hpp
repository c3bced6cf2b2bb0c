#pragma once

#include <string>
#include <vector>

#include "httvps/backend/services/admission.hpp"

namespace httvps::backend::services {

inline constexpr std::size_t most_listed_gateways = 16;
inline constexpr std::chrono::hours config_lifetime{24 * 30};

struct config_order {
  std::vector<models::gateway> gateways;
  std::uint64_t version = 1;
};

enum class asked_gateway { entrance, held };

struct config_reader {
  const models::device_id& device;
  const models::plan& terms;
  const models::gateway& asked;
  asked_gateway role = asked_gateway::held;
  std::string_view wanted_region = {};
};

base::result<std::uint64_t> config_version(repositories& tables);
base::result<> advance_config_version(repositories& tables);
base::result<std::string> sign_config(const service_tools& tools, const config_order& order);
base::result<std::vector<models::gateway>> gateways_to_tell(repositories& tables,
                                                            const models::plan& terms);
base::result<std::string> sign_config_for(const service_tools& tools, repositories& tables,
                                          const config_reader& reader);
base::result<std::string> sign_config_of_all(const service_tools& tools, repositories& tables);
base::result<std::string> sign_access_token(const service_tools& tools, repositories& tables,
                                            const device_holder& holder, std::string_view region);

}
