#include "life_cycles.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::uint32_t devices_a_look = 500;

base::result<> revoke_one(const change_scope& scope, const models::device& known) {
  auto revoked = known;
  revoked.state = models::device_state::revoked;
  revoked.revoked_at = scope.tools.clock.system_now();
  HTTVPS_CHECK(save_amendment(scope, scope.tables.devices,
                              record_amendment<models::device>{.action = "device.revoke",
                                                               .before = known,
                                                               .after = revoked,
                                                               .detail = known.user.text()}));
  return {};
}

base::result<> revoke_all(const change_scope& scope, const std::vector<models::device>& devices) {
  for (const auto& device : devices) {
    HTTVPS_CHECK(revoke_one(scope, device));
  }
  return {};
}

}

base::result<std::uint32_t> revoke_devices_of(const change_scope& scope,
                                              const models::user_id& user) {
  std::uint32_t revoked = 0;
  bool more = true;
  while (more) {
    HTTVPS_TRY(const auto found,
               scope.tables.devices.list({.user = user,
                                          .wanted = {.after = "", .size = devices_a_look},
                                          .state = models::device_state::active}));
    HTTVPS_CHECK(revoke_all(scope, found.items));
    revoked += static_cast<std::uint32_t>(found.items.size());
    more = found.more;
  }
  return revoked;
}

base::result<models::subscription> cancel_in(const change_scope& scope,
                                             const models::subscription& known) {
  auto cancelled = known;
  cancelled.state = models::subscription_state::cancelled;
  HTTVPS_CHECK(
      save_amendment(scope, scope.tables.subscriptions,
                     record_amendment<models::subscription>{.action = "subscription.cancel",
                                                            .before = known,
                                                            .after = cancelled,
                                                            .detail = known.user.text()}));
  std::vector<models::device> found;
  do {
    HTTVPS_TRY(found,
               scope.tables.devices.list_active({.owner = known.id, .most = devices_a_look}));
    HTTVPS_CHECK(revoke_all(scope, found));
  } while (!found.empty());
  HTTVPS_CHECK(advance_revocation_version(scope.tables));
  return cancelled;
}

}
