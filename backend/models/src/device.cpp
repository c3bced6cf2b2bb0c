#include "httvps/backend/models/device.hpp"

namespace httvps::backend::models {

ticket_state enrolment_ticket::state_at(base::system_time now) const noexcept {
  if (revoked_at) {
    return ticket_state::revoked;
  }
  if (spent()) {
    return ticket_state::spent;
  }
  return expires_at <= now ? ticket_state::expired : ticket_state::usable;
}

}
