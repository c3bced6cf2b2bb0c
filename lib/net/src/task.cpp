#include "httvps/net/task.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "waiting.hpp"

namespace httvps::net {

task<> sleep_until(base::steady_time moment) {
  asio::steady_timer timer(co_await asio::this_coro::executor, moment);
  const auto [failure] = co_await timer.async_wait(as_values);
  if (failure) {
    co_return base::fail(fold_error(failure));
  }
  co_return base::result<>();
}

task<> yield_to_others() {
  co_await asio::post(asio::use_awaitable);
  co_return base::result<>();
}

}
