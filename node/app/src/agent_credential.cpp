#include <algorithm>
#include <utility>

#include "agent_core.hpp"
#include "httvps/base/failpoint.hpp"

namespace httvps::node {
namespace {

constexpr std::string_view answered_point = "node.credential.answered";
constexpr std::string_view stored_point = "node.credential.stored";
constexpr base::duration pause_least = std::chrono::seconds(1);
constexpr base::duration pause_most = std::chrono::minutes(5);
constexpr auto disk_limit = std::chrono::seconds(30);

base::steady_time now() {
  return base::real_clock().steady_now();
}

}

void agent_core::use_credential(base::result<base::secret_bytes> chosen) {
  if (!chosen) {
    note("credential", chosen.error());
    return;
  }
  clear("credential");
  credential_ = *std::move(chosen);
  link_.use_credential(credential_);
}

void agent_core::note_refusal(const base::secret_bytes& shown, const base::error& outcome) {
  if (!outcome) {
    clear("refusal");
    return;
  }
  if (!says_credential_is_bad(outcome)) {
    return;
  }
  note("refusal", outcome);
  if (shown == credential_) {
    use_credential(store_.next_after(shown));
  }
}

double agent_core::credential_seconds_left() const {
  if (!renewal_.ends_at) {
    return -1;
  }
  const std::chrono::duration<double> left = *renewal_.ends_at - now();
  return std::max(left.count(), 0.0);
}

void agent_core::note_end(std::optional<std::chrono::seconds> lasts) {
  renewal_.ends_at = lasts ? std::optional(now() + *lasts) : std::nullopt;
}

net::task<> agent_core::follow_credential(credential_notice heard) {
  note_end(heard.lasts);
  if (!heard.is_due || now() < renewal_.next_try) {
    co_return base::result<void>();
  }
  const auto done = co_await renew_credential();
  if (!done) {
    parts_.counts.renewals_failed.add();
    renewal_.pause = std::clamp<base::duration>(renewal_.pause * 2, pause_least, pause_most);
    renewal_.next_try = now() + renewal_.pause;
    note("renewal", done.error());
    co_return done;
  }
  renewal_.pause = {};
  parts_.counts.renewals_done.add();
  clear("renewal");
  parts_.log.info("credential_renewed");
  co_return done;
}

net::task<> agent_core::renew_credential() {
  HTTVPS_CO_TRY(auto next, co_await link_.renew_credential());
  if (base::reach_failpoint(answered_point) == base::failpoint_outcome::drop) {
    co_return base::fail(control_errc::backend_unreachable);
  }
  auto job = [store = store_, fresh = next.credential, present = credential_] {
    return store.keep(fresh, present);
  };
  HTTVPS_CO_CHECK(co_await net::run_blocking(&disk_pool_, std::move(job), now() + disk_limit));
  base::reach_failpoint(stored_point);
  use_credential(std::move(next.credential));
  note_end(next.lasts);
  co_return base::result<void>();
}

}
