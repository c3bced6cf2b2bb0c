#include "credential_keeper.hpp"

#include <algorithm>
#include <utility>

#include "httvps/base/failpoint.hpp"

namespace httvps::gateway {
namespace {

constexpr base::duration pause_least = std::chrono::seconds(1);
constexpr base::duration pause_most = std::chrono::minutes(5);

base::counter add_counter(base::metric_registry& registry, const char* result) {
  return registry.add_counter({.name = "httvps_gateway_credential_renewals_total",
                               .help = "Renewals of the gateway's credential by their result.",
                               .labels = {{"result", result}}});
}

}

credential_keeper::credential_keeper(credential_keeper_parts parts)
    : parts_(std::move(parts)),
      renewed_(add_counter(parts_.registry, "renewed")),
      failed_(add_counter(parts_.registry, "failed")),
      pause_(pause_least) {
  parts_.registry.add_callback_gauge(
      {"httvps_gateway_credential_expiry_seconds",
       "Time until the gateway's credential expires; -1 while no end of it is known."},
      [this] { return seconds_left(); });
}

void credential_keeper::note_end(std::optional<std::chrono::seconds> lasts) {
  ends_at_ = lasts ? std::optional(parts_.clock.steady_now() + *lasts) : std::nullopt;
}

double credential_keeper::seconds_left() const {
  if (!ends_at_) {
    return -1;
  }
  const std::chrono::duration<double> left = *ends_at_ - parts_.clock.steady_now();
  return std::max(left.count(), 0.0);
}

net::task<> credential_keeper::follow(heartbeat_answer heard) {
  note_end(heard.credential_lasts);
  if (!heard.renew_credential || parts_.clock.steady_now() < next_try_) {
    co_return base::result<void>();
  }
  const auto done = co_await renew();
  if (!done) {
    failed_.add();
    next_try_ = parts_.clock.steady_now() + pause_;
    pause_ = std::min(pause_ * 2, pause_most);
    parts_.log.warn("credential_not_renewed", {{"outcome", done.error()}});
    co_return done;
  }
  pause_ = pause_least;
  renewed_.add();
  parts_.log.info("credential_renewed");
  co_return done;
}

net::task<> credential_keeper::renew() {
  HTTVPS_CO_TRY(auto next, co_await parts_.control.renew_credential());
  if (base::reach_failpoint(credential_failpoint::answered) == base::failpoint_outcome::drop) {
    co_return base::fail(control_errc::backend_unreachable);
  }
  HTTVPS_CO_CHECK(adopt(std::move(next.credential)));
  note_end(next.lasts);
  co_return base::result<void>();
}

base::result<void> credential_keeper::adopt(base::secret_bytes next) {
  auto renewed = parts_.member;
  renewed.former_credential = std::exchange(renewed.credential, std::move(next));
  HTTVPS_CHECK(store_membership(parts_.state_dir, renewed));
  base::reach_failpoint(credential_failpoint::stored);
  parts_.member.credential = renewed.credential;
  parts_.member.former_credential = renewed.former_credential;
  parts_.spread();
  return {};
}

bool credential_keeper::try_another() {
  if (std::exchange(tried_another_, true)) {
    return false;
  }
  auto& held = parts_.member;
  const auto kept = load_membership(parts_.state_dir);
  if (kept && !(kept->credential == held.credential)) {
    held.credential = kept->credential;
    held.former_credential = kept->former_credential;
  } else if (!held.former_credential.empty()) {
    std::swap(held.credential, held.former_credential);
  } else {
    return false;
  }
  parts_.log.warn("another_credential_tried");
  parts_.spread();
  return true;
}

}
