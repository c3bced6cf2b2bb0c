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

}
