#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <cstring>

#include "httvps/net/tcp.hpp"
#include "tcp_tuning.hpp"
#include "waiting.hpp"

namespace httvps::net {

using asio::ip::tcp;
using any_socket = asio::generic::stream_protocol::socket;

namespace {

constexpr std::size_t discard_size = 4096;
constexpr std::size_t discard_limit = 256 * 1024;

struct pending_wait {
  base::steady_time deadline = no_deadline;
  bool active = false;
  bool expired = false;
};

endpoint to_endpoint(const any_socket::endpoint_type& place,
                     const boost::system::error_code& failure) {
  const auto family = place.protocol().family();
  if (failure || (family != AF_INET && family != AF_INET6)) {
    return {};
  }
  tcp::endpoint known;
  std::memcpy(known.data(), place.data(), std::min(place.size(), known.capacity()));
  return {.host = known.address().to_string(), .port = known.port()};
}

}

struct tcp_stream::state : std::enable_shared_from_this<tcp_stream::state> {
  explicit state(any_socket chosen) : socket(std::move(chosen)), timer(socket.get_executor()) {}

  pending_wait& of(any_socket::wait_type direction) {
    return direction == any_socket::wait_read ? reading : writing;
  }

  void arm(base::steady_time deadline) {
    if (deadline >= armed_for) {
      return;
    }
    armed_for = deadline;
    timer.expires_at(deadline);
    timer.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
      const auto self = weak.lock();
      if (!failure && self) {
        self->on_timer();
      }
    });
  }

  void on_timer() {
    armed_for = no_deadline;
    const auto now = base::real_clock().steady_now();
    bool any_expired = false;
    auto next = no_deadline;
    for (auto* wait : {&reading, &writing}) {
      if (wait->active && wait->deadline <= now) {
        wait->expired = true;
        any_expired = true;
      } else if (wait->active) {
        next = std::min(next, wait->deadline);
      }
    }
    if (any_expired) {
      boost::system::error_code ignored;
      socket.cancel(ignored);
    }
    arm(next);
  }

  void close_now() noexcept {
    boost::system::error_code ignored;
    timer.cancel();
    socket.close(ignored);
  }

  static task<> wait(std::shared_ptr<state> self, any_socket::wait_type direction,
                     base::steady_time deadline);

  any_socket socket;
  asio::steady_timer timer;
  base::steady_time armed_for = no_deadline;
  pending_wait reading;
  pending_wait writing;
};

task<> tcp_stream::state::wait(std::shared_ptr<state> self, any_socket::wait_type direction,
                               base::steady_time deadline) {
  auto& pending = self->of(direction);
  if (pending.active) {
    co_return base::fail(errc::already_waiting);
  }
  pending = {.deadline = deadline, .active = true};
  self->arm(deadline);
  while (true) {
    const auto [failure] = co_await self->socket.async_wait(direction, as_values);
    if (failure != asio::error::operation_aborted || pending.expired || !self->socket.is_open()) {
      pending.active = false;
      co_return pending.expired&& failure ? base::fail(errc::timed_out)
      : failure                           ? base::fail(fold_error(failure))
                                          : base::result<>();
    }
    const auto cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) {
      pending.active = false;
      co_return base::fail(errc::cancelled);
    }
  }
}

tcp_stream::tcp_stream(any_socket socket) : state_(std::make_shared<state>(std::move(socket))) {
  boost::system::error_code ignored;
  state_->socket.set_option(tcp::no_delay(true), ignored);
  state_->socket.non_blocking(true, ignored);
}

task<> tcp_stream::wait_readable(base::steady_time deadline) {
  return state::wait(state_, any_socket::wait_read, deadline);
}

task<> tcp_stream::wait_writable(base::steady_time deadline) {
  return state::wait(state_, any_socket::wait_write, deadline);
}

base::result<std::size_t> tcp_stream::try_read(base::byte_span space) {
  while (true) {
    const auto count =
        ::recv(state_->socket.native_handle(), space.data(), space.size(), MSG_DONTWAIT);
    if (count > 0) {
      return static_cast<std::size_t>(count);
    }
    if (count == 0) {
      return base::fail(errc::connection_closed);
    }
    if (errno != EINTR) {
      return base::fail(fold_errno(errno));
    }
  }
}

base::result<std::size_t> tcp_stream::try_write(base::byte_view bytes) {
  while (true) {
    const auto count = ::send(state_->socket.native_handle(), bytes.data(), bytes.size(),
                              MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count >= 0) {
      return static_cast<std::size_t>(count);
    }
    if (errno != EINTR) {
      return base::fail(fold_errno(errno));
    }
  }
}

task<std::size_t> tcp_stream::read_some(base::byte_span space, base::steady_time deadline) {
  while (true) {
    const auto got = try_read(space);
    if (got || got.error() != errc::would_block) {
      co_return got;
    }
    HTTVPS_CO_CHECK(co_await wait_readable(deadline));
  }
}

task<> tcp_stream::write_all(base::byte_view bytes, base::steady_time deadline) {
  while (!bytes.empty()) {
    const auto sent = try_write(bytes);
    if (sent) {
      bytes = bytes.subspan(*sent);
      continue;
    }
    if (sent.error() != errc::would_block) {
      co_return base::fail(sent.error());
    }
    HTTVPS_CO_CHECK(co_await wait_writable(deadline));
  }
  co_return base::result<>();
}

task<> tcp_stream::close(base::steady_time deadline) {
  const auto ended = shutdown_write();
  base::byte_array<discard_size> space;
  for (std::size_t total = 0; ended && total < discard_limit;) {
    const auto got = co_await read_some(space, deadline);
    if (!got) {
      break;
    }
    total += *got;
  }
  close_now();
  co_return ended;
}

base::result<> tcp_stream::shutdown_write() {
  boost::system::error_code failure;
  state_->socket.shutdown(any_socket::shutdown_send, failure);
  if (failure) {
    return base::fail(fold_error(failure));
  }
  return {};
}

void tcp_stream::close_now() noexcept {
  state_->close_now();
}

tcp_ender tcp_stream::ender() const noexcept {
  return tcp_ender(state_);
}

void tcp_ender::end() const noexcept {
  if (const auto shared = state_.lock()) {
    shared->close_now();
  }
}

void tcp_stream::reset() noexcept {
  boost::system::error_code ignored;
  state_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  close_now();
}

bool tcp_stream::is_open() const noexcept {
  return state_->socket.is_open();
}

base::result<> tcp_stream::move_to(const executor& runs_on) {
  if (state_->reading.active || state_->writing.active) {
    return base::fail(errc::already_waiting);
  }
  boost::system::error_code failure;
  const auto protocol = state_->socket.local_endpoint(failure).protocol();
  if (failure) {
    return base::fail(fold_error(failure));
  }
  const auto descriptor = state_->socket.release(failure);
  if (failure) {
    return base::fail(fold_error(failure));
  }
  any_socket moved(runs_on);
  moved.assign(protocol, descriptor, failure);
  if (failure) {
    ::close(descriptor);
    return base::fail(fold_error(failure));
  }
  *this = tcp_stream(std::move(moved));
  return {};
}

void tcp_stream::tune(const tcp_tuning& wanted) noexcept {
  tune_socket(state_->socket.native_handle(), wanted);
}

std::size_t tcp_stream::unacknowledged() const noexcept {
  return unacknowledged_by(state_->socket.native_handle());
}

std::string tcp_stream::congestion_control() const {
  return congestion_control_of(state_->socket.native_handle());
}

executor tcp_stream::get_executor() const {
  return state_->socket.get_executor();
}

endpoint tcp_stream::local() const {
  boost::system::error_code failure;
  const auto place = state_->socket.local_endpoint(failure);
  return to_endpoint(place, failure);
}

endpoint tcp_stream::remote() const {
  boost::system::error_code failure;
  const auto place = state_->socket.remote_endpoint(failure);
  return to_endpoint(place, failure);
}

}
