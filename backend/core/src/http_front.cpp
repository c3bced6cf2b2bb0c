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

#include "admission_flush.hpp"
#include "httvps/base/random.hpp"
#include "httvps/base/scope_exit.hpp"
#include "httvps/net/blocking_pool.hpp"
#include "httvps/net/http_server.hpp"
#include "httvps/net/scope.hpp"
#include "metrics_front.hpp"
#include "poll_room.hpp"
#include "posting_rounds.hpp"
#include "request_group.hpp"

namespace httvps::backend::core {
namespace {

using net::asio::awaitable;

constexpr std::chrono::milliseconds revision_pause{200};
constexpr std::size_t usual_connections = 1024;
constexpr std::uint64_t widest_retry_ms = 500;
constexpr int most_retries = 8;
constexpr std::size_t groups_at_once = 2;
constexpr std::chrono::milliseconds metrics_drain{500};

struct front_desk {
  const api::control_api& api;
  base::logger log;
  net::blocking_pool& pool;
  net::blocking_pool& outside;
  poll_room& room;
  request_group& group;
  admission_flush& notes;
  posting_rounds& postings;
  std::chrono::milliseconds request_deadline;
};

template <typename Work>
auto run_in_pool(const front_desk* desk, Work work)
    -> awaitable<base::result<std::invoke_result_t<Work&>>> {
  using outcome = base::result<std::invoke_result_t<Work&>>;
  auto wrapped = [work = std::move(work)]() mutable -> outcome { return work(); };
  const auto until = net::deadline_after(desk->request_deadline);
  co_return co_await net::run_blocking(&desk->pool, std::move(wrapped), until);
}

awaitable<base::result<response_list>> respond_to_all(const front_desk* desk,
                                                      request_list requests) {
  auto work = [api = &desk->api, requests = std::move(requests)] {
    return api->respond_together(requests);
  };
  auto answered = co_await run_in_pool(desk, std::move(work));
  desk->notes.look();
  co_return answered;
}

awaitable<base::result<>> write_notes(const front_desk* desk, services::admission_book* book) {
  auto work = [book] { return book->flush(); };
  auto written = co_await net::run_blocking(&desk->pool, std::move(work), net::no_deadline);
  if (!written) {
    desk->log.warn("admissions_unwritten", {{"code", written.error()}});
  }
  co_return written;
}

awaitable<void> post_next(const front_desk* desk, const services::usage_poster* poster) {
  auto work = [poster] { return poster->post_next(); };
  const auto posted = co_await net::run_blocking(&desk->pool, std::move(work), net::no_deadline);
  if (!posted) {
    desk->log.warn("usage_left_unposted", {{"code", posted.error()}});
  }
}

awaitable<net::http_response> respond_in_group(const front_desk* desk, kept_request request) {
  const auto until = net::deadline_after(desk->request_deadline);
  auto finished = co_await desk->group.respond(request, until);
  if (!finished) {
    co_return desk->api.refuse(*request, api::problems::server_busy());
  }
  co_return *std::move(finished);
}

awaitable<net::http_response> respond_once(const front_desk* desk, kept_request request) {
  auto work = [api = &desk->api, request] { return api->respond(*request); };
  auto finished = co_await run_in_pool(desk, std::move(work));
  desk->postings.look();
  if (!finished) {
    co_return desk->api.refuse(*request, api::problems::server_busy());
  }
  co_return *std::move(finished);
}

awaitable<net::http_response> respond_when_there_is_room(const front_desk* desk,
                                                         kept_request request) {
  for (int tried = 0; tried < most_retries; ++tried) {
    auto work = [api = &desk->api, request] { return api->respond(*request); };
    auto finished = co_await run_in_pool(desk, std::move(work));
    if (finished) {
      co_return *std::move(finished);
    }
    const std::chrono::milliseconds pause(1 + base::secure_random().below(widest_retry_ms));
    static_cast<void>(co_await net::sleep_until(net::deadline_after(pause)));
  }
  co_return desk->api.refuse(*request, api::problems::server_busy());
}

awaitable<net::http_response> respond_or_wait(const front_desk* desk, kept_request request) {
  auto work = [api = &desk->api, request] { return api->respond_or_hold(*request); };
  auto first = co_await run_in_pool(desk, std::move(work));
  if (!first) {
    co_return desk->api.refuse(*request, api::problems::server_busy());
  }
  if (!first->held) {
    co_return std::move(first->response);
  }
  auto held = *std::move(first->held);
  if (co_await desk->room.wait(std::move(held)) == poll_end::refused) {
    co_return desk->api.refuse(*request, api::problems::server_busy());
  }
  co_return co_await respond_when_there_is_room(desk, std::move(request));
}

awaitable<net::http_response> respond(const front_desk* desk, net::http_request request) {
  const auto place = desk->api.place_of(request);
  if (place == api::work_place::io_thread) {
    co_return desk->api.respond(request);
  }
  auto kept = std::make_shared<const net::http_request>(std::move(request));
  if (place == api::work_place::long_poll) {
    co_return co_await respond_or_wait(desk, std::move(kept));
  }
  if (place == api::work_place::together) {
    co_return co_await respond_in_group(desk, std::move(kept));
  }
  co_return co_await respond_once(desk, std::move(kept));
}

awaitable<void> keep_house(const front_desk* desk, chore one) {
  auto* pool = one.place == chore_place::outside ? &desk->outside : &desk->pool;
  while (true) {
    const auto rest = net::deadline_after(one.pause);
    if (!co_await net::sleep_until(rest)) {
      co_return;
    }
    auto work = [todo = one.work]() { return todo(); };
    const auto done = co_await net::run_blocking(pool, std::move(work), net::no_deadline);
    if (!done) {
      desk->log.error("chore_failed", {{"chore", one.name}, {"code", done.error()}});
    }
  }
}

awaitable<void> watch_revisions(const front_desk* desk, front_work work) {
  while (true) {
    const auto rest = net::deadline_after(revision_pause);
    if (!co_await net::sleep_until(rest)) {
      co_return;
    }
    if (desk->room.is_empty()) {
      continue;
    }
    auto read = [revisions = work.revisions]() { return revisions(); };
    const auto found = co_await net::run_blocking(&desk->pool, std::move(read), net::no_deadline);
    if (found) {
      desk->room.release(*found);
    } else {
      desk->log.warn("revisions_unread", {{"code", found.error()}});
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
  metrics_front& figures;
  net::scope& house;
  const front_desk& desk;
  std::chrono::milliseconds drain;
};

awaitable<void> stop_on_signal(stop_parts parts, net::asio::signal_set* signals) {
  const int number = co_await wait_for_signal(signals);
  parts.desk.log.info("stopping", {{"signal", number}});
  parts.desk.room.close();
  const auto stopped = co_await parts.server.stop(net::deadline_after(parts.drain));
  if (!stopped) {
    parts.desk.log.warn("requests_cut", {{"code", stopped.error()}});
  }
  static_cast<void>(co_await parts.figures.stop(net::deadline_after(metrics_drain)));
  parts.house.cancel();
  parts.desk.notes.close();
  parts.desk.postings.close();
  static_cast<void>(co_await parts.house.join());
  parts.desk.log.info("stopped");
}

base::result<net::http_server> open_server(const net::executor& runs_on,
                                           const http_front_options& chosen,
                                           const front_desk& desk) {
  HTTVPS_TRY(const auto place, net::parse_endpoint(chosen.listen));
  return net::http_server::open(
      runs_on, {.listen = {.place = place}, .max_connections = usual_connections + chosen.polls},
      [&desk](net::http_request request) { return respond(&desk, std::move(request)); });
}

base::result<> spawn_work(net::scope& house, const front_desk& desk, const front_work& work) {
  for (const auto& one : work.chores) {
    HTTVPS_CHECK(house.spawn(keep_house(&desk, one)));
  }
  return house.spawn(watch_revisions(&desk, work));
}

void finish(const front_desk& desk, const front_work& work) {
  desk.outside.stop();
  desk.pool.stop();
  const auto written = flush_at_the_end(work.book);
  if (!written) {
    desk.log.error("admissions_forgotten",
                   {{"notes", work.book.size()}, {"code", written.error()}});
  }
  const auto posted = post_at_the_end(work.poster, base::real_clock());
  if (!posted) {
    desk.log.warn("usage_left_unposted", {{"code", posted.error()}});
  }
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

base::result<> http_front::tell_addresses(const std::string& api,
                                          const std::string& metrics) const {
  HTTVPS_CHECK(write_address_file(chosen_.metrics_address_file, metrics));
  log_.info("metrics_listening", {{"address", metrics}});
  HTTVPS_CHECK(write_address_file(chosen_.address_file, api));
  log_.info("listening", {{"address", api}});
  return {};
}

base::result<> http_front::run(const front_work& work) {
  net::asio::io_context context(1);
  net::asio::signal_set signals(context, SIGTERM, SIGINT);
  net::blocking_pool pool({.threads = chosen_.threads, .queue_limit = chosen_.queue});
  net::blocking_pool outside({.threads = 1, .queue_limit = 4});
  poll_room room(chosen_.polls, metrics_);
  request_group group(context.get_executor(),
                      {.most_waiting = chosen_.queue, .most_running = groups_at_once});
  admission_flush notes(context.get_executor(), work.book);
  posting_rounds postings(context.get_executor(), work.poster);
  const front_desk desk{.api = api_,
                        .log = log_,
                        .pool = pool,
                        .outside = outside,
                        .room = room,
                        .group = group,
                        .notes = notes,
                        .postings = postings,
                        .request_deadline = chosen_.request_deadline};
  group.work_with(
      [&desk](request_list requests) { return respond_to_all(&desk, std::move(requests)); });
  notes.work_with([&desk, &work] { return write_notes(&desk, &work.book); });
  postings.work_with([&desk, &work] { return post_next(&desk, &work.poster); });
  HTTVPS_TRY(auto server, open_server(context.get_executor(), chosen_, desk));
  net::scope house(context.get_executor());
  net::scope door(context.get_executor());
  HTTVPS_CHECK(spawn_work(house, desk, work));
  HTTVPS_TRY(const auto figures,
             metrics_front::open(context.get_executor(), chosen_.metrics_listen, metrics_));
  const stop_parts parts{
      .server = server, .figures = *figures, .house = house, .desk = desk, .drain = chosen_.drain};
  HTTVPS_CHECK(door.spawn(stop_on_signal(parts, &signals)));
  HTTVPS_CHECK(tell_addresses(net::to_text(server.local()), figures->address()));
  context.run();
  finish(desk, work);
  return {};
}

}
