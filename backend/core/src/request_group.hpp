#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "httvps/backend/api/control_api.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/scope.hpp"

namespace httvps::backend::core {

using kept_request = std::shared_ptr<const net::http_request>;
using request_list = api::request_list;
using response_list = std::vector<net::http_response>;
using group_work = std::function<net::asio::awaitable<base::result<response_list>>(request_list)>;

struct group_options {
  std::size_t most_waiting = 256;
  std::size_t most_running = 2;
  std::size_t most_together = api::most_together;
};

class request_group {
 public:
  request_group(const net::executor& runs_on, group_options chosen)
      : chosen_(chosen), groups_(runs_on) {}
  request_group(const request_group&) = delete;
  request_group& operator=(const request_group&) = delete;

  void work_with(group_work work) { work_ = std::move(work); }
  net::asio::awaitable<base::result<net::http_response>> respond(kept_request request,
                                                                 base::steady_time deadline);

 private:
  struct seat {
    seat(const net::executor& runs_on, kept_request asked)
        : request(std::move(asked)), finished(runs_on) {}
    kept_request request;
    net::event finished;
    bool is_left = false;
    base::result<net::http_response> response = base::fail(net::errc::pool_stopped);
  };
  using seats = std::vector<std::shared_ptr<seat>>;

  void start_groups();
  seats next_group();
  static net::asio::awaitable<void> serve(request_group* group);
  static void deliver(const seats& served, base::result<response_list> answers);

  group_options chosen_;
  group_work work_;
  std::deque<std::shared_ptr<seat>> waiting_;
  std::size_t running_ = 0;
  net::scope groups_;
};

}
