#include "http_front.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>

#include "httvps/base/random.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/net/blocking_pool.hpp"
#include "httvps/net/http_server.hpp"
#include "httvps/net/scope.hpp"
#include "waiting_room.hpp"

namespace httvps::backend::core {
namespace {

using net::asio::awaitable;

constexpr std::chrono::milliseconds look_for_changes{500};
constexpr std::uint64_t widest_retry_ms = 500;

struct front_desk {
  const api::control_api& api;
  base::logger log;
  net::blocking_pool& pool;
  waiting_room& room;
  std::chrono::milliseconds request_deadline;
};

using answer = base::result<net::http_response>;

using kept_request = std::shared_ptr<const net::http_request>;

awaitable<net::http_response> answer_once(const front_desk* desk, kept_request kept) {
  auto work = [api = &desk->api, kept]() -> answer { return api->respond(*kept); };
  auto finished = co_await net::run_blocking(&desk->pool, std::move(work),
                                             net::deadline_after(desk->request_deadline));
  if (!finished) {
    co_return desk->api.refuse(*kept, api::problems::server_busy());
  }
  if (finished->status < 300 && desk->api.may_change_revision(*kept)) {
    desk->room.nudge();
  }
  co_return *std::move(finished);
}

awaitable<net::http_response> answer_poll(const front_desk* desk, kept_request kept,
                                          base::steady_time end) {
  const auto seat = desk->room.enter();
  if (!seat) {
    co_return desk->api.refuse(*kept, api::problems::server_busy());
  }
  while (!desk->room.is_closed() && base::real_clock().steady_now() < end) {
    auto work = [api = &desk->api, kept]() -> base::result<std::optional<net::http_response>> {
      return api->poll(*kept);
    };
    auto tried = co_await net::run_blocking(&desk->pool, std::move(work),
                                            net::deadline_after(desk->request_deadline));
    if (tried && *tried) {
      co_return **std::move(tried);
    }
    if (tried) {
      static_cast<void>(co_await seat->wait(end));
    } else {
      const std::chrono::milliseconds pause(1 + base::secure_random().below(widest_retry_ms));
      static_cast<void>(co_await net::sleep_until(std::min(end, net::deadline_after(pause))));
    }
  }
  co_return co_await answer_once(desk, kept);
}

awaitable<net::http_response> respond(const front_desk* desk, net::http_request request) {
  if (desk->api.place_of(request) == api::work_place::io_thread) {
    co_return desk->api.respond(request);
  }
  auto kept = std::make_shared<const net::http_request>(std::move(request));
  const auto wait = desk->api.wait_of(*kept);
  if (wait > std::chrono::seconds(0)) {
    co_return co_await answer_poll(desk, std::move(kept), net::deadline_after(wait));
  }
  co_return co_await answer_once(desk, std::move(kept));
}

awaitable<void> watch_changes(const front_desk* desk) {
  auto& room = desk->room;
  while (!room.is_closed()) {
    const auto next =
        room.waiting() == 0 ? net::no_deadline : net::deadline_after(look_for_changes);
    const auto nudged = co_await room.wait_for_nudge(next);
    if (!nudged && nudged.error() != net::errc::timed_out) {
      co_return;
    }
    if (room.waiting() == 0) {
      room.note_revision(std::nullopt);
      continue;
    }
    auto work = [api = &desk->api] { return api->revision(); };
    const auto found = co_await net::run_blocking(&desk->pool, std::move(work),
                                                  net::deadline_after(desk->request_deadline));
    if (found) {
      room.note_revision(*found);
    }
  }
}

awaitable<void> keep_house(const front_desk* desk, chore duty) {
  while (true) {
    const auto rest = net::deadline_after(duty.pause);
    if (!co_await net::sleep_until(rest)) {
      co_return;
    }
    auto work = [perform = duty.work]() { return perform(); };
    const auto done = co_await net::run_blocking(&desk->pool, std::move(work), net::no_deadline);
    if (!done) {
      desk->log.error("maintenance_failed", {{"kind", duty.name}, {"code", done.error()}});
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
  parts.desk.room.close();
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

base::result<> http_front::run(const std::vector<chore>& chores) {
  net::asio::io_context context(1);
  net::asio::signal_set signals(context, SIGTERM, SIGINT);
  net::blocking_pool pool({.threads = chosen_.threads, .queue_limit = chosen_.queue});
  waiting_room room(context.get_executor(), chosen_.waiting_polls);
  const front_desk desk{.api = api_,
                        .log = log_,
                        .pool = pool,
                        .room = room,
                        .request_deadline = chosen_.request_deadline};
  HTTVPS_TRY(const auto place, net::parse_endpoint(chosen_.listen));
  HTTVPS_TRY(auto server,
             net::http_server::open(context.get_executor(), {.listen = {.place = place}},
                                    [&desk](net::http_request request) {
                                      return respond(&desk, std::move(request));
                                    }));
  net::scope house(context.get_executor());
  net::scope door(context.get_executor());
  HTTVPS_CHECK(house.spawn(watch_changes(&desk)));
  for (const auto& duty : chores) {
    HTTVPS_CHECK(house.spawn(keep_house(&desk, duty)));
  }
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
