#include "config_watch.hpp"

#include <algorithm>
#include <utility>

#include "httvps/net/task.hpp"

namespace httvps::gateway {

config_watch::config_watch(const net::executor& runs_on, config_watch_parts parts)
    : parts_(std::move(parts)), pause_(parts_.times.pause_least), scope_(runs_on) {}

void config_watch::start() {
  static_cast<void>(scope_.spawn(run()));
}

void config_watch::stop() {
  scope_.cancel();
}

net::task<> config_watch::run() {
  while (!scope_.is_cancelled()) {
    const auto done = co_await turn();
    if (!done) {
      parts_.log.warn("config_poll_failed", {{"outcome", done.error()}});
    }
    co_await net::sleep_until(base::real_clock().steady_now() + pause_after(done));
  }
  co_return base::result<void>();
}

net::task<config_watch::step> config_watch::turn() {
  const auto started = base::real_clock().steady_now();
  base::result<std::optional<published_config>> config = std::nullopt;
  if (rev_ == 0 && !is_pending_) {
    config = co_await parts_.control.config();
  } else {
    config = co_await parts_.control.poll_config({.rev = rev_, .wait = parts_.times.wait});
  }
  if (!config) {
    parts_.refused(config.error());
    if (config.error() == control_errc::gateway_pending) {
      co_return note_pending(started);
    }
    if (config.error() == control_errc::gateway_disabled) {
      is_pending_ = false;
      rev_ = 0;
    }
    co_return base::fail(config.error());
  }
  if (*config) {
    co_return co_await take(**std::move(config));
  }
  const bool is_early = base::real_clock().steady_now() - started < parts_.times.wait / 2;
  co_return is_early ? step::too_soon : step::waited;
}

config_watch::step config_watch::note_pending(base::steady_time started) {
  if (!std::exchange(is_pending_, true)) {
    return step::asked;
  }
  const bool is_early = base::real_clock().steady_now() - started < parts_.times.wait / 2;
  return is_early ? step::too_soon : step::waited;
}

net::task<config_watch::step> config_watch::take(published_config config) {
  const auto rev = config.rev;
  is_pending_ = false;
  HTTVPS_CO_CHECK(co_await parts_.take(std::move(config)));
  const auto known = std::exchange(rev_, rev);
  if (rev == 0) {
    co_return step::no_poll;
  }
  co_return rev == known ? step::too_soon : step::changed;
}

base::duration config_watch::pause_after(const base::result<step>& done) {
  if (done && *done == step::asked) {
    return base::duration::zero();
  }
  if (done && (*done == step::changed || *done == step::waited)) {
    pause_ = parts_.times.pause_least;
    return *done == step::changed ? parts_.times.pace : base::duration::zero();
  }
  if (done && *done == step::no_poll) {
    return parts_.times.pause_most;
  }
  const auto now = pause_;
  pause_ = std::min(pause_ * 2, parts_.times.pause_most);
  return now;
}

}
