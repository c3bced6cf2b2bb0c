#include "httvps/backend/models/node.hpp"

namespace httvps::backend::models {

bool is_alive(const std::optional<base::system_time>& last_heartbeat,
              base::system_time now) noexcept {
  return !last_heartbeat || now - *last_heartbeat <= heartbeat_patience;
}

bool is_removed(const node& one) noexcept {
  return one.region == no_region && one.name == one.id.text();
}

void remove(node& one) {
  one.state = node_state::disabled;
  one.name = one.id.text();
  one.region = no_region;
}

}
