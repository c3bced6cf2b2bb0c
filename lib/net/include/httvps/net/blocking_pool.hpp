#pragma once

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include "httvps/base/scope_exit.hpp"
#include "httvps/net/error.hpp"
#include "httvps/net/event.hpp"
#include "httvps/net/task.hpp"

namespace httvps::net {

struct blocking_pool_options {
  std::size_t threads = 4;
  std::size_t queue_limit = 256;
};

class blocking_pool {
 public:
  explicit blocking_pool(blocking_pool_options chosen);
  blocking_pool(const blocking_pool&) = delete;
  blocking_pool& operator=(const blocking_pool&) = delete;
  ~blocking_pool();

  base::result<> submit(std::move_only_function<void()> job);
  void stop();
  std::size_t queued() const;

 private:
  struct state;
  std::unique_ptr<state> state_;
};

namespace blocking_detail {

template <typename Answer>
struct waiter {
  explicit waiter(const executor& runs_on) : finished(runs_on) {}
  event finished;
  Answer answer = base::fail(errc::pool_stopped);
};

template <typename Answer, typename Work>
struct job {
  void operator()() {
    if (abandoned->load()) {
      return;
    }
    auto answer = std::make_shared<Answer>(work());
    if (!abandoned->load()) {
      asio::post(back_to, [to = std::move(to), answer] { deliver(to, *answer); });
    }
  }

  static void deliver(const std::weak_ptr<waiter<Answer>>& to, Answer& answer) {
    if (const auto waiting = to.lock()) {
      waiting->answer = std::move(answer);
      waiting->finished.notify();
    }
  }

  Work work;
  executor back_to;
  std::weak_ptr<waiter<Answer>> to;
  std::shared_ptr<std::atomic<bool>> abandoned;
};

}

template <typename Work>
auto run_blocking(blocking_pool* pool, Work work, base::steady_time deadline)
    -> asio::awaitable<std::invoke_result_t<Work&>> {
  using answer_type = std::invoke_result_t<Work&>;
  const executor runs_on = co_await asio::this_coro::executor;
  const auto waiting = std::make_shared<blocking_detail::waiter<answer_type>>(runs_on);
  const auto abandoned = std::make_shared<std::atomic<bool>>(false);
  const base::scope_exit leave([flag = abandoned.get()] { flag->store(true); });
  blocking_detail::job<answer_type, Work> job = {
      .work = std::move(work), .back_to = runs_on, .to = waiting, .abandoned = abandoned};
  HTTVPS_CO_CHECK(pool->submit(std::move(job)));
  HTTVPS_CO_CHECK(co_await waiting->finished.wait(deadline));
  co_return std::move(waiting->answer);
}

}
