#include "packet_backlog.hpp"

#include <utility>

namespace httvps::gateway {

std::size_t packet_backlog::push(waiting_packet packet) {
  std::size_t dropped = expire(packet.since);
  while (!waiting_.empty() && bytes_ + packet.sealed.size() > limits_.bytes) {
    pop();
    ++dropped;
  }
  bytes_ += packet.sealed.size();
  waiting_.push_back(std::move(packet));
  return dropped;
}

std::size_t packet_backlog::expire(base::steady_time now) {
  std::size_t dropped = 0;
  while (!waiting_.empty() && now - waiting_.front().since >= limits_.age) {
    pop();
    ++dropped;
  }
  return dropped;
}

std::size_t packet_backlog::clear() {
  const auto dropped = waiting_.size();
  waiting_.clear();
  bytes_ = 0;
  return dropped;
}

void packet_backlog::pop() {
  bytes_ -= waiting_.front().sealed.size();
  waiting_.pop_front();
}

}
