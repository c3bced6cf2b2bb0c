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

base::result<void> receive_half::append(byte_view payload, base::slab_pool& pool) {
  while (!payload.empty()) {
    if (blocks_.empty() || blocks_.back().free_space().empty()) {
      auto fresh = pool.acquire(payload.size());
      if (!fresh) {
        return base::fail(errc::buffer_exhausted);
      }
      blocks_.push_back(std::move(fresh));
    }
    auto room = blocks_.back().free_space();
    const auto count = std::min(room.size(), payload.size());
    base::copy_bytes(room, payload.first(count));
    blocks_.back().commit(count);
    buffered_ += count;
    payload = payload.subspan(count);
  }
  return {};
}

base::result<void> receive_half::keep(byte_count offset, byte_view payload, base::slab_pool& pool) {
  HTTVPS_CHECK(append(payload, pool));
  received_ = offset + payload.size();
  return {};
}

base::result<void> receive_half::keep_ahead(byte_count offset, byte_view payload,
                                            base::slab_pool& pool) {
  const auto known = ahead_.find(offset);
  if (known != ahead_.end() && known->second.size() >= payload.size()) {
    return {};
  }
  if (known == ahead_.end() && ahead_.size() >= gaps_most) {
    return base::fail(errc::gap_limit);
  }
  auto copy = pool.acquire(payload.size());
  if (!copy) {
    return base::fail(errc::buffer_exhausted);
  }
  base::copy_bytes(copy.free_space(), payload);
  copy.commit(payload.size());
  held_ahead_ += copy.capacity();
  if (known != ahead_.end()) {
    held_ahead_ -= known->second.capacity();
  }
  ahead_.insert_or_assign(offset, std::move(copy));
  return {};
}

base::result<void> receive_half::absorb_ahead(base::slab_pool& pool) {
  while (!ahead_.empty() && ahead_.begin()->first <= received_) {
    const auto node = ahead_.extract(ahead_.begin());
    held_ahead_ -= node.mapped().capacity();
    const byte_count end = node.key() + node.mapped().size();
    if (end > received_) {
      const auto fresh = node.mapped().view().subspan(received_ - node.key());
      HTTVPS_CHECK(keep(received_, fresh, pool));
    }
  }
  return {};
}

void receive_half::drop_ahead() noexcept {
  ahead_.clear();
  held_ahead_ = 0;
}

void receive_half::skip_to(byte_count offset) noexcept {
  received_ = std::max(received_, offset);
  consumed_ = std::max(consumed_, received_);
  drop_ahead();
}

byte_view receive_half::peek() const noexcept {
  return blocks_.empty() ? byte_view{} : blocks_.front().view();
}

void receive_half::consume(std::size_t count) noexcept {
  consumed_ += count;
  buffered_ -= count;
  while (count > 0) {
    auto& front = blocks_.front();
    const auto step = std::min(count, front.size());
    front.drop_front(step);
    count -= step;
    if (front.size() == 0) {
      blocks_.pop_front();
    }
  }
}

byte_count receive_half::discard() noexcept {
  const byte_count freed = buffered_;
  blocks_.clear();
  buffered_ = 0;
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
