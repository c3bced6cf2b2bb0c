#include "proven_holder.hpp"

namespace httvps::backend::services {

std::optional<models::device_id> proven_holder(const service_tools& tools,
                                               const models::gateway_id& gateway,
                                               const std::string& token) {
  const auto proven = tools.authority.verify_token(token, identity::expiry_grace::renewal());
  return proven && proven->claims.allows_gateway(gateway.text())
             ? std::optional(models::device_id::trusted(proven->claims.device_id))
             : std::nullopt;
}

}
