#include "policy_memory.hpp"

#include "httvps/base/private_file.hpp"
#include "httvps/gateway/control/errc.hpp"
#include "httvps/identity/policy.hpp"
#include "httvps/wire/limits.hpp"

namespace httvps::gateway {

std::optional<published_policy> policy_memory::recall(const membership& member,
                                                      base::system_time now) {
  const auto kept = base::read_private_file(file_, {.most = wire::policy_most});
  if (!kept || known_.version > 0) {
    return std::nullopt;
  }
  auto judged = judge(member, std::string(kept->reveal_text()), now);
  if (!judged) {
    log_.warn("kept_policy_refused", {{"outcome", judged.error()}});
    return std::nullopt;
  }
  known_ = *judged;
  return known_;
}

std::optional<published_policy> policy_memory::take(const membership& member,
                                                    const std::string& offered,
                                                    base::system_time now) {
  if (offered.empty() || offered == known_.document) {
    return std::nullopt;
  }
  auto judged = judge(member, offered, now);
  if (!judged) {
    log_.error("policy_refused", {{"outcome", judged.error()}});
    return std::nullopt;
  }
  if (judged->version > known_.version) {
    log_.info("policy_taken", {{"version", judged->version}});
  }
  known_ = std::move(*judged);
  keep(known_.document);
  return known_;
}

base::result<published_policy> policy_memory::judge(const membership& member,
                                                    const std::string& offered,
                                                    base::system_time now) const {
  HTTVPS_TRY(const auto root, identity::public_key::from_base64url(member.root));
  HTTVPS_TRY(const auto keys,
             identity::key_set::verify(member.key_set, {.root = root, .now = now}));
  HTTVPS_TRY(const auto claims, identity::verify_policy(offered, {.keys = keys, .now = now}));
  if (claims.version < known_.version) {
    return base::fail(control_errc::policy_rollback);
  }
  return published_policy{.version = claims.version, .document = offered};
}

void policy_memory::keep(const std::string& document) const {
  const auto content = base::secret_bytes::from_text(document);
  if (const auto kept = base::replace_private_file(file_, content); !kept) {
    log_.error("policy_not_kept", {{"outcome", kept.error()}});
  }
}

}
