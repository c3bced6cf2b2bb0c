#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>

#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"
#include "idle_sessions/holder.hpp"

namespace httvps::bench {
namespace {

constexpr int exit_usage = 2;
constexpr auto as_values = net::asio::as_tuple(net::asio::use_awaitable);

void print_line(const std::string& text) {
  fmt::print("{}\n", text);
  std::fflush(stdout);
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
}

net::asio::awaitable<void> wait_for_signal(net::event* released) {
  net::asio::signal_set signals(co_await net::asio::this_coro::executor, SIGINT, SIGTERM);
  co_await signals.async_wait(as_values);
  released->notify();
}

net::asio::awaitable<void> wait_for_input_end(net::event* released) {
  net::asio::posix::stream_descriptor input(co_await net::asio::this_coro::executor,
                                            ::dup(STDIN_FILENO));
  base::byte_array<64> space;
  while (true) {
    const auto [failure, count] =
        co_await input.async_read_some(net::asio::buffer(space.data(), space.size()), as_values);
    if (failure) {
      break;
    }
  }
  released->notify();
}

net::asio::awaitable<void> hold(idle_holder* holder) {
  const net::executor runs_on = co_await net::asio::this_coro::executor;
  net::event released(runs_on);
  net::scope waiting(runs_on);
  static_cast<void>(waiting.spawn(wait_for_signal(&released)));
  static_cast<void>(co_await holder->open_all());
  print_line(holder->report());
  static_cast<void>(co_await holder->fetch_on_all());
  static_cast<void>(waiting.spawn(wait_for_input_end(&released)));
  static_cast<void>(co_await released.wait(net::no_deadline));
  static_cast<void>(co_await holder->stop_fetching());
  print_line(holder->report());
  waiting.cancel();
  static_cast<void>(co_await waiting.join(net::deadline_after(std::chrono::seconds(1))));
  static_cast<void>(co_await holder->close_all());
}

int run(const idle_options& options) {
  net::asio::io_context context(1);
  auto holder = idle_holder::make(context.get_executor(), options);
  if (!holder) {
    fmt::print(stderr, "bench-idle-sessions: {}\n", holder.error().message());
    return 1;
  }
  net::asio::co_spawn(context, hold(&*holder), [&context](const std::exception_ptr& thrown) {
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    context.stop();
  });
  context.run();
  return holder->complete() ? 0 : 1;
}

}
}

int main(int count, char** values) {
  using namespace httvps::bench;
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  const std::vector<std::string_view> arguments(values + 1, values + count);
  const auto options = parse_idle_options(arguments);
  if (!options) {
    std::fputs(std::string(idle_usage()).c_str(), stderr);
    return exit_usage;
  }
  return run(*options);
}
