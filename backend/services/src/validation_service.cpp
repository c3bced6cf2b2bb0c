#include "httvps/backend/services/validation_service.hpp"

#include "httvps/backend/services/errc.hpp"
#include "httvps/backend/services/quota_service.hpp"

namespace httvps::backend::services {
namespace {

constexpr std::chrono::minutes seen_precision{5};

base::result<bool> is_recheck(repositories& tables, const session_name& name,
                              const models::device_id& device) {
  HTTVPS_TRY(const auto known, tables.known_sessions.find(name));
  return known && known->device == device;
}

base::result<> note_seen(repositories& tables, models::device device, base::system_time now) {
  if (device.last_seen_at && now - *device.last_seen_at < seen_precision) {
    return {};
  }
  device.last_seen_at = now;
  return tables.devices.update(device);
}

}

base::result<admitted_device> validation_service::admit(const models::gateway& gateway,
                                                        const validation_order& order) const {
  HTTVPS_TRY(const auto proven,
             tools_.authority.verify_token(order.token, identity::expiry_grace::renewal()));
  if (!proven.claims.allows_gateway(gateway.id.text())) {
    return base::fail(errc::region_denied);
  }
  const auto device = models::device_id::trusted(proven.claims.device_id);
  const auto now = tools_.clock.system_now();
  return write_to(tools_.storage, [&](repositories& tables) -> base::result<admitted_device> {
    HTTVPS_TRY(const bool again,
               is_recheck(tables, {.gateway = gateway.id, .session = order.session}, device));
    if (proven.expired_since > std::chrono::seconds(0) && !again) {
      return base::fail(errc::token_expired);
    }
    HTTVPS_TRY(const auto holder, load_holder(tables, device, now));
    HTTVPS_CHECK(check_admission(holder, gateway.region));
    HTTVPS_CHECK(tables.known_sessions.save(
        {.gateway = gateway.id, .session = order.session, .device = device, .validated_at = now}));
    HTTVPS_CHECK(note_seen(tables, holder.device, now));
    HTTVPS_TRY(const auto remaining, unleased_bytes(tables, holder.subscription, now));
    return admitted_device{.device = device,
                           .subscription = holder.device.subscription,
                           .terms = holder.subscription.terms,
                           .remaining = remaining};
  });
}

base::result<validation_outcome> validation_service::validate(const models::gateway& gateway,
                                                              const validation_order& order) const {
  auto admitted = admit(gateway, order);
  if (admitted) {
    admitted->sessions_elsewhere = count_session(gateway, order, *admitted);
    return validation_outcome(*std::move(admitted));
  }
  if (is_denial(admitted.error())) {
    return validation_outcome(denied_device{admitted.error()});
  }
  return base::fail(admitted.error());
}

base::result<> validation_service::forget_old_sessions() const {
  const auto oldest = tools_.clock.system_now() - known_session_memory;
  return tools_.storage.write(
      [&](repositories& tables) { return tables.known_sessions.forget_before(oldest); });
}

}
