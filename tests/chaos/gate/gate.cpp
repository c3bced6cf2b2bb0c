#include "gate/gate.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace httvps::chaos {
namespace {

constexpr std::uint64_t listener_tag = 0;
constexpr std::uint64_t clock_tag = 1;
constexpr std::uint64_t input_tag = 2;
constexpr std::uint32_t closing_events = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

}

gate::gate(gate_parts parts)
    : listener_(std::move(parts.listener)),
      target_(parts.target),
      links_{link(parts.seed), link(parts.seed + 1)},
      cut_random_(parts.seed + 2),
      clock_(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      now_(base::real_clock().steady_now()) {
  loop_.add({.socket = clock_.get(), .events = EPOLLIN, .tag = clock_tag});
  loop_.add({.socket = STDIN_FILENO, .events = EPOLLIN, .tag = input_tag});
  loop_.add({.socket = listener_.get(), .events = 0, .tag = listener_tag});
  apply(parts.shape);
}

void gate::run() {
  while (running_) {
    sleep_until_next();
    for (const auto& event : loop_.wait(std::chrono::milliseconds(-1))) {
      handle(event);
    }
    work();
  }
}

void gate::handle(const epoll_event& event) {
  now_ = base::real_clock().steady_now();
  const auto tag = event.data.u64;
  if (tag == listener_tag) {
    accept_all();
  } else if (tag == input_tag) {
    read_commands();
  } else if (tag == clock_tag) {
    std::uint64_t expirations = 0;
    static_cast<void>(!::read(clock_.get(), &expirations, sizeof expirations));
  } else if (auto* subject = find(tag / 2 - tags_before)) {
    handle_end(*subject, static_cast<side>(tag % 2), event.events);
  }
}

void gate::handle_end(connection& subject, side which, std::uint32_t events) {
  auto& end = subject.end(which);
  if (which == side::server && !subject.connected && !connect_finished(subject, events)) {
    return;
  }
  if ((events & closing_events) != 0) {
    no_longer_live(subject, which == side::client ? "client_closed" : "server_closed");
  }
  if ((events & (closing_events | EPOLLIN)) != 0) {
    end.readable = true;
    if (subject.now == phase::relaying) {
      wait_for_link(subject, from(which));
    } else {
      swallow(subject, which);
    }
  }
  if ((events & EPOLLOUT) != 0) {
    end.writable = true;
    const auto way = from(which == side::client ? side::server : side::client);
    deliver(subject, way);
    wait_for_link(subject, way);
  }
}

void gate::work() {
  now_ = base::real_clock().steady_now();
  for (const auto way : both_directions) {
    serve_link(way);
  }
  release_due();
  cut_on_time();
  end_lingering();
  gone_.clear();
}

connection* gate::find(connection_id id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

base::steady_time gate::next_moment() const {
  auto next = std::min(next_cut_, next_linger_check_);
  if (!timers_.empty()) {
    next = std::min(next, std::get<0>(*timers_.begin()));
  }
  for (const auto way : both_directions) {
    if (!waiting_[index_of(way)].empty()) {
      const auto& link = links_[index_of(way)];
      next = std::min(next, link.room(now_) > 0 ? now_ : link.room_at());
    }
  }
  return next;
}

void gate::sleep_until_next() {
  const auto next = next_moment();
  itimerspec when{};
  if (next != base::steady_time::max()) {
    const auto since = std::max(next.time_since_epoch(), base::duration(1));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    when.it_value = {.tv_sec = seconds.count(), .tv_nsec = (since - seconds).count()};
  }
  ::timerfd_settime(clock_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

}
