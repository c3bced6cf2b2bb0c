#include <sys/socket.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <cerrno>
#include <memory>

#include "httvps/net/event.hpp"
#include "httvps/net/tcp.hpp"

namespace httvps::net {

using asio::ip::tcp;

namespace {

constexpr std::size_t address_limit = 8;

struct lookup {
  explicit lookup(const executor& runs_on) : resolver(runs_on), finished(runs_on) {}
  tcp::resolver resolver;
  event finished;
  boost::system::error_code failure;
  std::vector<endpoint> found;
};

void start(const std::shared_ptr<lookup>& state, const endpoint& place) {
  state->resolver.async_resolve(
      place.host, std::to_string(place.port), tcp::resolver::numeric_service,
      [state](const boost::system::error_code& failure, const tcp::resolver::results_type& all) {
        state->failure = failure;
        for (const auto& entry : all) {
          if (state->found.size() < address_limit) {
            const auto& address = entry.endpoint();
            state->found.push_back({.host = address.address().to_string(), .port = address.port()});
          }
        }
        state->finished.notify();
      });
}

base::result<tcp::socket> begin_connect(const executor& runs_on, const tcp::endpoint& place) {
  tcp::socket socket(runs_on);
  boost::system::error_code failure;
  socket.open(place.protocol(), failure);
  if (!failure) {
    socket.non_blocking(true, failure);
  }
  if (failure) {
    return base::fail(fold_error(failure));
  }
  if (::connect(socket.native_handle(), place.data(), static_cast<socklen_t>(place.size())) != 0 &&
      errno != EINPROGRESS) {
    return base::fail(fold_errno(errno));
  }
  return socket;
}

base::result<> pending_failure(int descriptor) {
  int number = 0;
  socklen_t size = sizeof(number);
  if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &size) != 0) {
    number = errno;
  }
  if (number != 0) {
    return base::fail(fold_errno(number));
  }
  return {};
}

}

task<std::vector<endpoint>> resolve(endpoint place, base::steady_time deadline) {
  if (is_address(place.host)) {
    co_return std::vector<endpoint>{place};
  }
  const auto state = std::make_shared<lookup>(co_await asio::this_coro::executor);
  start(state, place);
  HTTVPS_CO_CHECK(co_await state->finished.wait(deadline));
  if (state->failure || state->found.empty()) {
    co_return base::fail(errc::resolve_failed);
  }
  co_return std::move(state->found);
}

namespace {

base::steady_time fair_share(base::steady_time deadline, std::size_t left) {
  const auto now = base::real_clock().steady_now();
  const bool nothing_to_share = deadline == no_deadline || deadline <= now || left <= 1;
  return nothing_to_share ? deadline : now + (deadline - now) / static_cast<std::int64_t>(left);
}

task<tcp_stream> connect_address(endpoint place, base::steady_time deadline) {
  const executor runs_on = co_await asio::this_coro::executor;
  const tcp::endpoint address(asio::ip::make_address(place.host), place.port);
  HTTVPS_CO_TRY(tcp::socket socket, begin_connect(runs_on, address));
  const int descriptor = socket.native_handle();
  tcp_stream stream(std::move(socket));
  HTTVPS_CO_CHECK(co_await stream.wait_writable(deadline));
  HTTVPS_CO_CHECK(pending_failure(descriptor));
  co_return std::move(stream);
}

}

task<tcp_stream> connect(endpoint place, base::steady_time deadline) {
  HTTVPS_CO_TRY(const std::vector<endpoint> addresses, co_await resolve(place, deadline));
  base::error last = errc::resolve_failed;
  for (std::size_t index = 0; index < addresses.size(); ++index) {
    const auto share = fair_share(deadline, addresses.size() - index);
    auto stream = co_await connect_address(addresses[index], share);
    if (stream || stream.error() == errc::cancelled) {
      co_return std::move(stream);
    }
    last = stream.error();
  }
  co_return base::fail(last);
}

}
