#include "http_front.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <memory>

#include "httvps/base/scope_exit.hpp"
#include "httvps/net/blocking_pool.hpp"
#include "httvps/net/http_server.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::backend::core {
namespace {

using net::asio::awaitable;

constexpr std::chrono::hours maintenance_pause{1};

struct front_desk {
  const api::control_api& api;
  base::logger log;
  net::blocking_pool& pool;
  std::chrono::milliseconds request_deadline;
};

using answer = base::result<net::http_response>;

awaitable<net::http_response> respond(const front_desk* desk, net::http_request request) {
  if (desk->api.place_of(request) == api::work_place::io_thread) {
    co_return desk->api.respond(request);
  }
  const auto kept = std::make_shared<const net::http_request>(std::move(request));
  auto work = [api = &desk->api, kept]() -> answer { return api->respond(*kept); };
  auto finished = co_await net::run_blocking(&desk->pool, std::move(work),
                                             net::deadline_after(desk->request_deadline));
  if (!finished) {
    co_return desk->api.refuse(*kept, api::problems::server_busy());
  }
  co_return *std::move(finished);
}

awaitable<void> keep_house(const front_desk* desk, maintenance maintain) {
  while (true) {
    const auto rest = net::deadline_after(maintenance_pause);
    if (!co_await net::sleep_until(rest)) {
      co_return;
    }
    auto work = [maintain]() { return maintain(); };
    const auto done = co_await net::run_blocking(&desk->pool, std::move(work), net::no_deadline);
    if (!done) {
      desk->log.error("maintenance_failed", {{"code", done.error()}});
    }
  }
}

awaitable<int> wait_for_signal(net::asio::signal_set* signals) {
  const auto [failure, number] =
      co_await signals->async_wait(net::asio::as_tuple(net::asio::use_awaitable));
  co_return failure ? 0 : number;
}

struct stop_parts {
  net::http_server& server;
  net::scope& house;
  const front_desk& desk;
  std::chrono::milliseconds drain;
};

awaitable<void> stop_on_signal(stop_parts parts, net::asio::signal_set* signals) {
  const int number = co_await wait_for_signal(signals);
  parts.desk.log.info("stopping", {{"signal", number}});
  const auto stopped = co_await parts.server.stop(net::deadline_after(parts.drain));
  if (!stopped) {
    parts.desk.log.warn("requests_cut", {{"code", stopped.error()}});
  }
  parts.house.cancel();
  static_cast<void>(co_await parts.house.join());
  parts.desk.log.info("stopped");
}

base::result<> write_whole(int descriptor, std::string_view text) {
  return ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size())
             ? base::result<>{}
             : base::fail(base::errc::io_failure);
}

}

base::result<> write_address_file(const std::string& path, const std::string& address) {
  if (path.empty()) {
    return {};
  }
  const auto fresh = path + ".new";
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    return base::fail(base::errc::io_failure);
  }
  const auto written = write_whole(descriptor, address + "\n");
  ::close(descriptor);
  HTTVPS_CHECK(base::result<>(written));
  return ::rename(fresh.c_str(), path.c_str()) == 0 ? base::result<>{}
                                                    : base::fail(base::errc::io_failure);
}

base::result<> http_front::run(maintenance maintain) {
  net::asio::io_context context(1);
  net::asio::signal_set signals(context, SIGTERM, SIGINT);
  net::blocking_pool pool({.threads = chosen_.threads, .queue_limit = chosen_.queue});
  const front_desk desk{
      .api = api_, .log = log_, .pool = pool, .request_deadline = chosen_.request_deadline};
  HTTVPS_TRY(const auto place, net::parse_endpoint(chosen_.listen));
  HTTVPS_TRY(auto server,
             net::http_server::open(context.get_executor(), {.listen = {.place = place}},
                                    [&desk](net::http_request request) {
                                      return respond(&desk, std::move(request));
                                    }));
  net::scope house(context.get_executor());
  net::scope door(context.get_executor());
  HTTVPS_CHECK(house.spawn(keep_house(&desk, std::move(maintain))));
  const stop_parts parts{.server = server, .house = house, .desk = desk, .drain = chosen_.drain};
  HTTVPS_CHECK(door.spawn(stop_on_signal(parts, &signals)));
  const auto address = net::to_text(server.local());
  HTTVPS_CHECK(write_address_file(chosen_.address_file, address));
  log_.info("listening", {{"address", address}});
  context.run();
  pool.stop();
  return {};
}

}
