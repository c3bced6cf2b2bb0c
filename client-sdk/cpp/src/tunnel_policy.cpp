#include <algorithm>

#include "httvps/identity/errc.hpp"
#include "tunnel_core.hpp"

namespace httvps::sdk {
namespace {

keeper_settings shaped_by(keeper_settings own, const identity::traffic_shape& shape) {
  own.carriers_most = std::min<std::size_t>(own.carriers_most, shape.carriers_most);
  own.age_least = shape.carrier_age.least;
  own.age_most = shape.carrier_age.most;
  own.idle_after = shape.carrier_idle;
  return own;
}

}

keeper_settings tunnel::core::keeper_terms() const {
  auto terms = chosen_.carriers;
  terms.welcome_patience = chosen_.welcome_patience;
  return terms;
}

void tunnel::core::follow_policy() {
  const auto& policy = chosen_.account.policy();
  if (!policy) {
    return;
  }
  const auto& shape = policy->shape;
  chosen_.carriers = shaped_by(own_carriers_, shape);
  chosen_.limits.keepalive_least = shape.keepalive.least;
  chosen_.limits.keepalive_most = shape.keepalive.most;
  if (keeper_) {
    keeper_->use(keeper_terms());
  }
  if (current_) {
    current_->use_keepalive({.least = shape.keepalive.least, .most = shape.keepalive.most});
  }
  changed_.notify();
}

void tunnel::core::on_policy(const wire::policy_received& heard) {
  const auto taken = chosen_.account.take_policy(
      {.version = heard.version, .document = heard.document}, chosen_.clock.system_now());
  if (!taken) {
    const bool may_know_later = taken.error() == identity::errc::unknown_key;
    unproved_policy_ = may_know_later ? std::optional(heard) : std::nullopt;
    chosen_.log.warn("policy_refused", {{"code", taken.error()}, {"version", heard.version}});
    policy_failure_ = taken.error();
    return;
  }
  unproved_policy_.reset();
  policy_failure_ = {};
  if (*taken == policy_news::changed) {
    keep_policy(heard);
    follow_policy();
  }
}

void tunnel::core::keep_policy(const wire::policy_received& heard) {
  if (const auto saved = chosen_.store.save_record(chosen_.account.record()); !saved) {
    chosen_.log.warn("state_not_saved", {{"code", saved.error()}});
  }
  chosen_.log.info("policy_taken", {{"version", heard.version}});
}

}
