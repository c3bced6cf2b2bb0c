#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "common/descriptor.hpp"

namespace httvps::bench {

struct interest {
  int socket = -1;
  std::uint32_t events = 0;
  std::uint64_t tag = 0;
};

class event_loop {
 public:
  event_loop();

  bool add(const interest& wanted);
  bool change(const interest& wanted);
  std::span<const epoll_event> wait(std::chrono::nanoseconds limit);

 private:
  bool control(int operation, const interest& wanted);

  descriptor poll_;
  std::vector<epoll_event> ready_;
};

}
