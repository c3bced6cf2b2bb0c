#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <stdexcept>
#include <utility>

#include "httvps/net/task.hpp"

namespace httvps::net::testing {

inline constexpr auto patience = std::chrono::seconds(20);

inline base::steady_time soon() {
  return deadline_after(std::chrono::seconds(10));
}

class run_loop {
 public:
  executor get_executor() { return context_.get_executor(); }

  void run(asio::awaitable<void> work) {
    bool finished = false;
    std::exception_ptr thrown;
    asio::co_spawn(context_, std::move(work), [&](const std::exception_ptr& failure) {
      finished = true;
      thrown = failure;
      context_.stop();
    });
    context_.restart();
    context_.run_for(patience);
    if (thrown) {
      std::rethrow_exception(thrown);
    }
    if (!finished) {
      throw std::runtime_error("the test did not finish in time");
    }
  }

 private:
  asio::io_context context_{1};
};

}
