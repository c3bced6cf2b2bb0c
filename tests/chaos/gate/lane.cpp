#include "gate/lane.hpp"

#include <algorithm>

namespace httvps::chaos {

void lane::push(base::byte_count size, base::steady_time release) {
  bytes_.commit(size);
  arrived_ += size;
  marks_.push_back({.size = size, .release = in_order(release)});
}

void lane::finish(lane_end end, base::steady_time release) {
  end_ = end;
  end_release_ = in_order(release);
}

base::byte_count lane::due(base::steady_time now) {
  while (!marks_.empty() && marks_.front().release <= now) {
    released_ += marks_.front().size;
    marks_.pop_front();
  }
  return released_;
}

void lane::carry(base::byte_count size) noexcept {
  bytes_.consume(size);
  released_ -= size;
  carried_ += size;
}

std::optional<base::steady_time> lane::next_release() const noexcept {
  if (released_ > 0) {
    return base::steady_time{};
  }
  if (!marks_.empty()) {
    return marks_.front().release;
  }
  if (end_ && !over_) {
    return end_release_;
  }
  return std::nullopt;
}

std::optional<lane_end> lane::take_due_end(base::steady_time now) noexcept {
  if (!end_ || over_ || bytes_.size() > 0 || end_release_ > now) {
    return std::nullopt;
  }
  over_ = true;
  return end_;
}

void lane::drop() noexcept {
  bytes_.clear();
  marks_.clear();
  released_ = 0;
  over_ = true;
}

base::steady_time lane::in_order(base::steady_time release) noexcept {
  last_release_ = std::max(last_release_, release);
  return last_release_;
}

}
