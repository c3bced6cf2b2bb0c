#pragma once

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <memory>
#include <utility>

#include "httvps/net/task.hpp"
#include "waiting.hpp"

namespace httvps::net {

template <typename Socket>
class socket_waits : public std::enable_shared_from_this<socket_waits<Socket>> {
 public:
  using direction = typename Socket::wait_type;

  explicit socket_waits(Socket chosen) : socket(std::move(chosen)), timer_(socket.get_executor()) {}

  void close_now() noexcept {
    boost::system::error_code ignored;
    timer_.cancel();
    socket.close(ignored);
  }

  static task<> wait(std::shared_ptr<socket_waits> self, direction way, base::steady_time deadline);

  Socket socket;

 private:
  struct pending_wait {
    base::steady_time deadline = no_deadline;
    bool active = false;
    bool expired = false;
  };

  pending_wait& of(direction way) { return way == Socket::wait_read ? reading_ : writing_; }
  void arm(base::steady_time deadline);
  void on_timer();

  asio::steady_timer timer_;
  base::steady_time armed_for_ = no_deadline;
  pending_wait reading_;
  pending_wait writing_;
};

template <typename Socket>
void socket_waits<Socket>::arm(base::steady_time deadline) {
  if (deadline >= armed_for_) {
    return;
  }
  armed_for_ = deadline;
  timer_.expires_at(deadline);
  timer_.async_wait([weak = this->weak_from_this()](const boost::system::error_code& failure) {
    const auto self = weak.lock();
    if (!failure && self) {
      self->on_timer();
    }
  });
}

template <typename Socket>
void socket_waits<Socket>::on_timer() {
  armed_for_ = no_deadline;
  const auto now = base::real_clock().steady_now();
  bool any_expired = false;
  auto next = no_deadline;
  for (auto* each : {&reading_, &writing_}) {
    if (each->active && each->deadline <= now) {
      each->expired = true;
      any_expired = true;
    } else if (each->active) {
      next = std::min(next, each->deadline);
    }
  }
  if (any_expired) {
    boost::system::error_code ignored;
    socket.cancel(ignored);
  }
  arm(next);
}

template <typename Socket>
task<> socket_waits<Socket>::wait(std::shared_ptr<socket_waits> self, direction way,
                                  base::steady_time deadline) {
  auto& pending = self->of(way);
  if (pending.active) {
    co_return base::fail(errc::already_waiting);
  }
  pending = {.deadline = deadline, .active = true};
  self->arm(deadline);
  while (true) {
    const auto [failure] = co_await self->socket.async_wait(way, as_values);
    if (failure != asio::error::operation_aborted || pending.expired || !self->socket.is_open()) {
      pending.active = false;
      if (pending.expired && failure) {
        co_return base::fail(errc::timed_out);
      }
      co_return failure ? base::fail(fold_error(failure)) : base::result<>();
    }
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      pending.active = false;
      co_return base::fail(errc::cancelled);
    }
  }
}

}
