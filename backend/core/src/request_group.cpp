#include "request_group.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "httvps/base/scope_exit.hpp"

namespace httvps::backend::core {

using net::asio::awaitable;

awaitable<base::result<net::http_response>> request_group::respond(kept_request request,
                                                                   base::steady_time deadline) {
  if (waiting_.size() >= chosen_.most_waiting) {
    co_return base::fail(net::errc::pool_full);
  }
  const net::executor runs_on = co_await net::asio::this_coro::executor;
  const auto taken = std::make_shared<seat>(runs_on, std::move(request));
  waiting_.push_back(taken);
  const base::scope_exit leave([&taken] { taken->is_left = true; });
  start_groups();
  HTTVPS_CO_CHECK(co_await taken->finished.wait(deadline));
  co_return std::move(taken->response);
}

void request_group::start_groups() {
  while (running_ < chosen_.most_running && running_ < waiting_.size()) {
    ++running_;
    if (!groups_.spawn(serve(this))) {
      --running_;
      return;
    }
  }
}

request_group::seats request_group::next_group() {
  seats taken;
  while (!waiting_.empty() && taken.size() < chosen_.most_together) {
    if (!waiting_.front()->is_left) {
      taken.push_back(std::move(waiting_.front()));
    }
    waiting_.pop_front();
  }
  return taken;
}

awaitable<void> request_group::serve(request_group* group) {
  const base::scope_exit leave([group] { --group->running_; });
  while (!group->waiting_.empty()) {
    const auto served = group->next_group();
    if (served.empty()) {
      break;
    }
    request_list requests;
    requests.reserve(served.size());
    for (const auto& each : served) {
      requests.push_back(each->request);
    }
    auto answers = co_await group->work_(std::move(requests));
    deliver(served, std::move(answers));
  }
}

void request_group::deliver(const seats& served, base::result<response_list> answers) {
  for (std::size_t i = 0; i < served.size(); ++i) {
    served[i]->response = answers ? base::result<net::http_response>(std::move((*answers)[i]))
                                  : base::fail(answers.error());
    served[i]->finished.notify();
  }
}

}
