#pragma once

#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "httvps/net/task.hpp"

namespace httvps::net {

class event {
 public:
  explicit event(const executor& runs_on);
  event(const event&) = delete;
  event& operator=(const event&) = delete;
  ~event() = default;

  void notify();
  task<> wait(base::steady_time deadline);
  bool is_notified() const noexcept { return state_->notified; }

 private:
  struct state {
    asio::steady_timer timer;
    bool notified = false;
    bool waiting = false;
  };
  static task<> wait_on(std::shared_ptr<state> shared, base::steady_time deadline);

  std::shared_ptr<state> state_;
};

}
