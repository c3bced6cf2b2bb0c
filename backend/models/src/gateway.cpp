#include "httvps/backend/models/gateway.hpp"

#include "httvps/backend/models/node.hpp"

namespace httvps::backend::models {

bool is_removed(const gateway& one) noexcept {
  return one.region == no_region && one.name == one.id.text();
}

void remove(gateway& one) {
  one.state = gateway_state::disabled;
  one.name = one.id.text();
  one.region = no_region;
}

join_token_state state_of(const join_token& token, base::system_time now) noexcept {
  if (token.revoked_at) {
    return join_token_state::revoked;
  }
  if (token.used_by) {
    return join_token_state::used;
  }
  return token.expires_at <= now ? join_token_state::expired : join_token_state::usable;
}

}
