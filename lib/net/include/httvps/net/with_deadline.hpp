#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "httvps/net/task.hpp"

namespace httvps::net {
namespace deadline_detail {

struct race {
  explicit race(const executor& runs_on) : timer(runs_on) {}
  asio::steady_timer timer;
  asio::cancellation_signal stop;
  bool finished = false;
  bool expired = false;
};

void arm(const std::shared_ptr<race>& state, base::steady_time deadline);
void finish(const std::shared_ptr<race>& state);
base::error failure_of(const std::exception_ptr& thrown, const race& state);

template <typename T>
asio::awaitable<void> store(task<T> work, std::shared_ptr<std::optional<base::result<T>>> outcome) {
  outcome->emplace(co_await std::move(work));
}

}

template <typename T>
task<T> with_deadline(task<T> work, base::steady_time deadline) {
  const executor runs_on = co_await asio::this_coro::executor;
  auto state = std::make_shared<deadline_detail::race>(runs_on);
  auto outcome = std::make_shared<std::optional<base::result<T>>>();
  deadline_detail::arm(state, deadline);
  auto parent = (co_await asio::this_coro::cancellation_state).slot();
  if (parent.is_connected()) {
    parent.assign([state](asio::cancellation_type type) { state->stop.emit(type); });
  }
  auto inner = deadline_detail::store(std::move(work), outcome);
  const auto [thrown] = co_await asio::co_spawn(
      runs_on, std::move(inner),
      asio::bind_cancellation_slot(state->stop.slot(), asio::as_tuple(asio::use_awaitable)));
  deadline_detail::finish(state);
  if (parent.is_connected()) {
    parent.clear();
  }
  if (thrown) {
    co_return base::fail(deadline_detail::failure_of(thrown, *state));
  }
  if (!**outcome && state->expired && (*outcome)->error() == errc::cancelled) {
    co_return base::fail(errc::timed_out);
  }
  co_return std::move(**outcome);
}

}
