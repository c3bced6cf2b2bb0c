#include "httvps/net/event.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "httvps/base/scope_exit.hpp"
#include "waiting.hpp"

namespace httvps::net {

event::event(const executor& runs_on) : state_(new state{asio::steady_timer(runs_on)}) {}

void event::notify() {
  state_->notified = true;
  state_->timer.cancel();
}

task<> event::wait(base::steady_time deadline) {
  return wait_on(state_, deadline);
}

task<> event::wait_on(std::shared_ptr<state> shared, base::steady_time deadline) {
  if (std::exchange(shared->waiting, true)) {
    co_return base::fail(errc::already_waiting);
  }
  const base::scope_exit done_waiting([raw = shared.get()] { raw->waiting = false; });
  while (!shared->notified) {
    if (shared->timer.expiry() != deadline) {
      shared->timer.expires_at(deadline);
    }
    const auto [failure] = co_await shared->timer.async_wait(as_values);
    if (shared->notified) {
      break;
    }
    if (!failure) {
      co_return base::fail(errc::timed_out);
    }
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      co_return base::fail(errc::cancelled);
    }
  }
  shared->notified = false;
  co_return base::result<>();
}

}
