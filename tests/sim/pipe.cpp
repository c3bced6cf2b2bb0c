#include "pipe.hpp"

#include <algorithm>

namespace httvps::sim {

void pipe::push(base::byte_vector bytes) {
  if (closed_) {
    return;
  }
  const auto sending =
      std::chrono::nanoseconds(bytes.size() * 1'000'000'000 / quality_.bytes_a_second);
  line_free_at_ = std::max(line_free_at_, time_.now()) + sending;
  const auto due = line_free_at_ + quality_.delay + up_to(random_, quality_.jitter);
  last_arrival_ = std::max(last_arrival_, due);
  travelling_ += bytes.size();
  const auto ticket = ++sent_;
  time_.at(last_arrival_, [this, ticket, held = std::move(bytes)] { arrive(ticket, held); });
}

void pipe::arrive(std::uint64_t ticket, const base::byte_vector& bytes) {
  if (frozen_) {
    return;
  }
  const bool was_full = !writable();
  travelling_ -= bytes.size();
  arrived_ = ticket;
  if (ticket <= last_ticket_) {
    const auto kept =
        ticket == last_ticket_ ? std::min(bytes.size(), bytes_of_last_) : bytes.size();
    ends_.to(base::byte_view(bytes).first(kept));
  }
  if (was_full && writable() && !closed_) {
    ends_.room();
  }
}

base::steady_time pipe::close() {
  closed_ = true;
  return std::max(last_arrival_, time_.now() + quality_.delay);
}

base::steady_time pipe::cut() {
  const auto last = close();
  last_ticket_ = std::min(last_ticket_, arrived_ + random_.below(sent_ - arrived_ + 1));
  bytes_of_last_ = static_cast<std::size_t>(random_.below(20'000));
  return last;
}

}
