#include "sink/sink.hpp"

#include <sys/socket.h>

#include <chrono>
#include <utility>

#include "common/endpoint.hpp"

namespace httvps::bench {
namespace {

constexpr auto turn = std::chrono::milliseconds(1000);

}

sink::sink(descriptor listener) : listener_(std::move(listener)) {
  loop_.add({.socket = listener_.get(),
             .events = EPOLLIN,
             .tag = static_cast<std::uint64_t>(listener_.get())});
}

void sink::run() {
  for (;;) {
    for (const auto& event : loop_.wait(turn)) {
      const auto socket = static_cast<int>(event.data.u64);
      if (socket == listener_.get()) {
        accept_all();
      } else {
        step(socket);
      }
    }
  }
}

void sink::accept_all() {
  for (;;) {
    descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!socket) {
      return;
    }
    send_without_delay(socket);
    const int number = socket.get();
    uploads_[number] = std::make_unique<upload>(std::move(socket));
    loop_.add({.socket = number, .events = EPOLLIN, .tag = static_cast<std::uint64_t>(number)});
  }
}

void sink::step(int socket) {
  const auto found = uploads_.find(socket);
  if (found != uploads_.end() && !found->second->advance()) {
    uploads_.erase(found);
  }
}

}
