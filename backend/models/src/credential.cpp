#include "httvps/backend/models/credential.hpp"

namespace httvps::backend::models {
namespace {

constexpr int parts_of_a_life = 3;

bool is_near_its_end(const credential& one, base::system_time now) noexcept {
  if (!one.expires_at) {
    return true;
  }
  const auto life = *one.expires_at - one.created_at;
  return now >= *one.expires_at - life / parts_of_a_life;
}

}

credential_state state_of(const credential& one, base::system_time now) noexcept {
  if (one.revoked_at) {
    return credential_state::revoked;
  }
  if (one.expires_at && *one.expires_at <= now) {
    return credential_state::expired;
  }
  return one.renewal_asked_at || is_near_its_end(one, now) ? credential_state::due
                                                           : credential_state::valid;
}

}
