#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>

#include "httvps/net/scope.hpp"

namespace httvps::testing {

class event_loop {
 public:
  event_loop() : scope_(context_.get_executor()) {}
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;
  ~event_loop() { end(); }

  net::executor executor() { return context_.get_executor(); }
  void spawn(net::task<> work) { static_cast<void>(scope_.spawn(std::move(work))); }
  void step();
  void end();

 private:
  net::asio::io_context context_{1};
  net::scope scope_;
};

}
