#include "httvps/identity/key_set.hpp"

#include <algorithm>

#include "context.hpp"
#include "httvps/identity/errc.hpp"

namespace httvps::identity {
namespace {

bool is_past(base::system_time last, base::system_time now) {
  return base::to_unix_seconds(now) > base::to_unix_seconds(last);
}

const public_key* find_in(const std::vector<public_key>& keys, std::string_view key_id) {
  const auto found = std::ranges::find(keys, key_id, &public_key::key_id);
  return found == keys.end() ? nullptr : &*found;
}

bool lists_the_same_keys(const key_set_claims& left, const key_set_claims& right) {
  return left.keys == right.keys && left.retired == right.retired;
}

}

base::result<key_set> key_set::verify(std::string_view token, const key_set_check& check) {
  HTTVPS_TRY(const auto document, parse_in_context(token, context::key_set));
  if (document.key_id != check.root.key_id()) {
    return base::fail(errc::unknown_key);
  }
  HTTVPS_CHECK(verify_in_context(document, check.root, context::key_set));
  HTTVPS_TRY(auto claims, decode_key_set_claims(document.token.payload));
  if (claims.version < check.least_version) {
    return base::fail(errc::key_set_rollback);
  }
  if (is_past(claims.not_after, check.now)) {
    return base::fail(errc::key_set_expired);
  }
  return key_set(check.root, std::string(token), std::move(claims));
}

base::result<> key_set::replace(std::string_view token, base::system_time now) {
  const key_set_check check{.root = root_, .now = now, .least_version = claims_.version};
  HTTVPS_TRY(auto next, verify(token, check));
  if (next.version() == version() && !lists_the_same_keys(next.claims_, claims_)) {
    return base::fail(errc::key_set_rollback);
  }
  *this = std::move(next);
  return {};
}

base::result<listed_key> key_set::find(std::string_view key_id, base::system_time now) const {
  if (is_past(claims_.not_after, now)) {
    return base::fail(errc::key_set_expired);
  }
  if (const auto* found = find_in(claims_.keys, key_id); found != nullptr) {
    return listed_key{.key = *found, .standing = key_standing::current};
  }
  if (const auto* found = find_in(claims_.retired, key_id); found != nullptr) {
    return listed_key{.key = *found, .standing = key_standing::retired};
  }
  return base::fail(errc::unknown_key);
}

}
