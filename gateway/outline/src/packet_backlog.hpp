#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::gateway {

struct waiting_packet {
  base::byte_vector sealed;
  std::size_t payload = 0;
  base::steady_time since;
};

struct backlog_limits {
  base::byte_count bytes = 0;
  base::duration age{};
};

class packet_backlog {
 public:
  explicit packet_backlog(const backlog_limits& limits) noexcept : limits_(limits) {}

  std::size_t push(waiting_packet packet);
  std::size_t expire(base::steady_time now);
  std::size_t clear();

  bool empty() const noexcept { return waiting_.empty(); }
  const waiting_packet& front() const noexcept { return waiting_.front(); }
  void pop();
  base::byte_count bytes() const noexcept { return bytes_; }

 private:
  backlog_limits limits_;
  std::deque<waiting_packet> waiting_;
  base::byte_count bytes_ = 0;
};

}
