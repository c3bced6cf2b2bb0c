#include "common/event_loop.hpp"

#include <cstddef>
#include <ctime>

namespace httvps::bench {
namespace {

constexpr std::size_t batch = 256;

}

event_loop::event_loop() : poll_(::epoll_create1(EPOLL_CLOEXEC)), ready_(batch) {}

bool event_loop::add(const interest& wanted) {
  return control(EPOLL_CTL_ADD, wanted);
}

bool event_loop::change(const interest& wanted) {
  return control(EPOLL_CTL_MOD, wanted);
}

std::span<const epoll_event> event_loop::wait(std::chrono::nanoseconds limit) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(limit);
  const timespec until{.tv_sec = whole.count(), .tv_nsec = (limit - whole).count()};
  const int count = ::epoll_pwait2(poll_.get(), ready_.data(), static_cast<int>(ready_.size()),
                                   limit.count() < 0 ? nullptr : &until, nullptr);
  return std::span(ready_).first(count > 0 ? static_cast<std::size_t>(count) : 0);
}

bool event_loop::control(int operation, const interest& wanted) {
  epoll_event event{.events = wanted.events, .data = {.u64 = wanted.tag}};
  return ::epoll_ctl(poll_.get(), operation, wanted.socket, &event) == 0;
}

}
