#include "receive_half.hpp"

#include <algorithm>

#include "httvps/wire/limits.hpp"

namespace httvps::wire {

base::result<byte_count> receive_half::note_extent(byte_count end) {
  if (ending_ && end > ending_->final_offset) {
    return base::fail(errc::offset_invalid);
  }
  if (end > limit_) {
    return base::fail(errc::window_exceeded);
  }
  const byte_count grown = end > highest_ ? end - highest_ : 0;
  highest_ += grown;
  return grown;
}

base::result<void> receive_half::keep(byte_count offset, byte_view payload, base::slab_pool& pool) {
  HTTVPS_CHECK(buffer_.append(payload, pool));
  received_ = offset + payload.size();
  return {};
}

base::result<void> receive_half::keep_ahead(byte_count offset, byte_view payload,
                                            base::slab_pool& pool) {
  return ahead_.put(offset, payload, pool);
}

void receive_half::absorb_ahead() {
  while (auto reached = ahead_.take_reached(received_)) {
    received_ += reached->size();
    buffer_.join(std::move(*reached));
  }
}

void receive_half::skip_to(byte_count offset) noexcept {
  received_ = std::max(received_, offset);
  consumed_ = std::max(consumed_, received_);
  ahead_.clear();
}

void receive_half::consume(std::size_t count) noexcept {
  consumed_ += count;
  buffer_.drop_front(count);
}

byte_count receive_half::discard() noexcept {
  const byte_count freed = buffer_.size();
  buffer_.clear();
  skip_to(highest_);
  return freed;
}

base::result<void> receive_half::end(ending how) {
  const bool contradicts = ending_ && ending_->final_offset != how.final_offset;
  if (contradicts || how.final_offset < highest_) {
    return base::fail(errc::offset_invalid);
  }
  if (!ending_ || how.code) {
    ending_ = how;
  }
  return {};
}

byte_count receive_half::announce() noexcept {
  limit_ = std::max(limit_, consumed_ + window_);
  return limit_;
}

}
