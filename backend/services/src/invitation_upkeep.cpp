#include "httvps/backend/services/invitation_upkeep.hpp"

namespace httvps::backend::services {

base::result<forgotten_invitations> forget_invitations(store& storage, base::system_time now) {
  const ended_invitations wanted{.before = now - invitations_kept,
                                 .most = most_invitations_forgotten};
  return write_to(storage, [&](repositories& tables) -> base::result<forgotten_invitations> {
    HTTVPS_CHECK(tables.enrolment_codes.forget_before(wanted.before));
    HTTVPS_TRY(const auto tickets, tables.tickets.forget(wanted));
    HTTVPS_TRY(const auto tokens, tables.join_tokens.forget(wanted));
    return forgotten_invitations{.tickets = tickets, .join_tokens = tokens};
  });
}

}
