#include "validation_views.hpp"

#include "httvps/backend/models/enum_text.hpp"
#include "httvps/backend/models/quota.hpp"
#include "views.hpp"

namespace httvps::backend::api {
namespace {

std::optional<schemas::device_quota> quota_of(const services::admitted_device& admitted) {
  if (!admitted.remaining) {
    return std::nullopt;
  }
  return schemas::device_quota{
      .remaining = *admitted.remaining,
      .offline_bytes = admitted.terms.offline_bytes.value_or(models::default_offline_bytes)};
}

}

schemas::device_allowed view_of(const services::admitted_device& admitted) {
  return {.allow = {},
          .device_id = admitted.device,
          .subscription_id = admitted.subscription,
          .plan_id = admitted.terms.id,
          .policy = {.session_limit = admitted.terms.session_limit,
                     .up_bps = optional_field<schemas::bits_per_second>(admitted.terms.up_bps),
                     .down_bps = optional_field<schemas::bits_per_second>(admitted.terms.down_bps),
                     .quota = quota_of(admitted)},
          .ends_at = optional_field<schemas::moment>(admitted.ends_at),
          .recheck_s = admitted.recheck.count(),
          .sessions_elsewhere = admitted.sessions_elsewhere};
}

schemas::device_denied view_of(const services::denied_device& denied) {
  const auto label = std::string(base::label_of(denied.reason));
  return {.allow = {},
          .code = models::parse_enum<schemas::denial_code>(label).value_or(
              schemas::denial_code::token_invalid),
          .sentence = denied.reason.message()};
}

services::validation_order to_order(const schemas::validate_request& sent) {
  return {.token = sent.token.value,
          .session = sent.session.value,
          .epoch = sent.epoch ? sent.epoch->value : ""};
}

}
