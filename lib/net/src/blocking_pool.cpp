#include "httvps/net/blocking_pool.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace httvps::net {

struct blocking_pool::state {
  using job = std::move_only_function<void()>;

  explicit state(blocking_pool_options options) : chosen(options) {}

  void work() {
    while (auto next = take()) {
      next();
    }
  }

  job take() {
    std::unique_lock lock(mutex);
    wakeup.wait(lock, [this] { return stopped || !jobs.empty(); });
    if (jobs.empty()) {
      return {};
    }
    job next = std::move(jobs.front());
    jobs.pop_front();
    return next;
  }

  blocking_pool_options chosen;
  std::mutex mutex;
  std::condition_variable wakeup;
  std::deque<job> jobs;
  bool stopped = false;
  std::vector<std::thread> threads;
};

blocking_pool::blocking_pool(blocking_pool_options chosen)
    : state_(std::make_unique<state>(chosen)) {
  for (std::size_t index = 0; index < chosen.threads; ++index) {
    state_->threads.emplace_back([inner = state_.get()] { inner->work(); });
  }
}

blocking_pool::~blocking_pool() {
  stop();
}

base::result<> blocking_pool::submit(std::move_only_function<void()> job) {
  const std::lock_guard lock(state_->mutex);
  if (state_->stopped) {
    return base::fail(errc::pool_stopped);
  }
  if (state_->jobs.size() >= state_->chosen.queue_limit) {
    return base::fail(errc::pool_full);
  }
  state_->jobs.push_back(std::move(job));
  state_->wakeup.notify_one();
  return {};
}

void blocking_pool::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
    state_->wakeup.notify_all();
  }
  for (auto& thread : state_->threads) {
    if (thread.joinable()) {
      thread.join();
    }
  }
}

std::size_t blocking_pool::queued() const {
  const std::lock_guard lock(state_->mutex);
  return state_->jobs.size();
}

}
