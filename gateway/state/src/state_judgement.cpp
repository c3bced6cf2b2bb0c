#include "httvps/gateway/state/errc.hpp"
#include "httvps/gateway/state/gateway_state.hpp"
#include "httvps/identity/document.hpp"

namespace httvps::gateway {

base::result<> judge_state(const gateway_state& state, const state_demands& demands) {
  if (!state.approved || !demands.approved) {
    return base::fail(state_errc::state_withheld);
  }
  const auto latest = demands.now + identity::clock_tolerance;
  if (state.saved_at > latest || state.heard_at > latest) {
    return base::fail(state_errc::state_from_the_future);
  }
  if (demands.now - state.heard_at > offline_time_most) {
    return base::fail(state_errc::state_too_old);
  }
  if (state.config->revocation_version < demands.least_revocation_version) {
    return base::fail(state_errc::state_rolled_back);
  }
  HTTVPS_CHECK(identity::key_set::verify(
      state.config->key_set,
      {.root = demands.root, .now = demands.now, .least_version = demands.least_key_set_version}));
  return {};
}

}
