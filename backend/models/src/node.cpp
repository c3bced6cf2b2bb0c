#include "httvps/backend/models/node.hpp"

namespace httvps::backend::models {

bool is_alive(const std::optional<base::system_time>& last_heartbeat,
              base::system_time now) noexcept {
  return !last_heartbeat || now - *last_heartbeat <= heartbeat_patience;
}

}
