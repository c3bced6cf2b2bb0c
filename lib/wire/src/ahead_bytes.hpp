#pragma once

#include <optional>
#include <vector>

#include "slab_chain.hpp"

namespace httvps::wire {

class ahead_bytes {
 public:
  base::result<void> put(byte_count offset, byte_view payload, base::slab_pool& pool);
  std::optional<slab_chain> take_reached(byte_count received);
  void clear() noexcept;

  bool empty() const noexcept { return intervals_.empty(); }
  std::size_t gaps() const noexcept { return intervals_.size(); }
  byte_count capacity() const noexcept { return capacity_; }

 private:
  struct interval {
    byte_count start = 0;
    slab_chain bytes;
    byte_count end() const noexcept { return start + bytes.size(); }
  };
  using place = std::vector<interval>::iterator;

  base::result<place> interval_at(byte_count offset, byte_count end);
  byte_count room_behind(place at) const noexcept;
  void close_gap_behind(place at);
  void recount() noexcept;

  std::vector<interval> intervals_;
  byte_count capacity_ = 0;
};

}
