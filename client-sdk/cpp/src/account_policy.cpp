#include "httvps/identity/errc.hpp"
#include "httvps/sdk/device_account.hpp"
#include "httvps/sdk/errc.hpp"

namespace httvps::sdk {

void device_account::read_kept_policy(base::system_time now) {
  const auto kept = identity::verify_policy(record_.policy, {.keys = keys_, .now = now});
  if (kept) {
    policy_ = *kept;
  } else {
    record_.policy.clear();
  }
}

base::result<policy_news> device_account::take_policy(const told_policy& told,
                                                      base::system_time now) {
  const auto known = policy_ ? policy_->version : 0;
  if (policy_ && told.version == known) {
    return policy_news::known;
  }
  HTTVPS_TRY(const auto claims,
             identity::verify_policy(told.document, {.keys = keys_, .now = now}));
  if (claims.version != told.version) {
    return base::fail(identity::errc::claims_invalid);
  }
  if (claims.version < known) {
    return base::fail(errc::policy_rollback);
  }
  policy_ = claims;
  record_.policy = told.document;
  return policy_news::changed;
}

}
