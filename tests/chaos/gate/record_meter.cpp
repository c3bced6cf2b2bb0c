#include "gate/record_meter.hpp"

#include <algorithm>

namespace httvps::chaos {

void record_meter::note(base::byte_view bytes) noexcept {
  while (!bytes.empty()) {
    if (head_read_ < head_size) {
      head_[head_read_++] = bytes.front();
      bytes = bytes.subspan(1);
      body_ = head_read_ == head_size ? base::byte_count{head_[3]} << 8U | head_[4] : 0;
      body_left_ = body_;
    }
    const auto taken = std::min<base::byte_count>(bytes.size(), body_left_);
    body_left_ -= taken;
    bytes = bytes.subspan(taken);
    if (head_read_ == head_size && body_left_ == 0) {
      head_read_ = 0;
      body_ = 0;
    }
  }
}

void record_meter::note(const two_parts& parts, std::size_t size) noexcept {
  for (const auto& part : parts) {
    const auto count = std::min(part.iov_len, size);
    note(base::byte_view(static_cast<const std::uint8_t*>(part.iov_base), count));
    size -= count;
  }
}

base::byte_count record_meter::inside() const noexcept {
  return head_read_ + body_ - body_left_;
}

base::byte_count record_meter::record() const noexcept {
  return head_read_ == head_size ? head_size + body_ : 0;
}

}
