#include "slab_chain.hpp"

#include <algorithm>

#include "httvps/wire/errc.hpp"

namespace httvps::wire {

base::result<void> slab_chain::append(byte_view payload, base::slab_pool& pool) {
  while (!payload.empty()) {
    if (blocks_.empty() || blocks_.back().free_space().empty()) {
      auto fresh = pool.acquire(payload.size());
      if (!fresh) {
        return base::fail(errc::buffer_exhausted);
      }
      capacity_ += fresh.capacity();
      blocks_.push_back(std::move(fresh));
    }
    auto room = blocks_.back().free_space();
    const auto count = std::min(room.size(), payload.size());
    base::copy_bytes(room, payload.first(count));
    blocks_.back().commit(count);
    size_ += count;
    payload = payload.subspan(count);
  }
  return {};
}

void slab_chain::swallow_small(slab_chain& behind) noexcept {
  while (!blocks_.empty() && !behind.blocks_.empty()) {
    const auto bytes = behind.blocks_.front().view();
    auto room = blocks_.back().free_space();
    if (bytes.size() > room.size()) {
      return;
    }
    base::copy_bytes(room, bytes);
    blocks_.back().commit(bytes.size());
    size_ += bytes.size();
    behind.drop_front(bytes.size());
  }
}

void slab_chain::join(slab_chain&& behind) {
  swallow_small(behind);
  if (blocks_.size() < behind.blocks_.size()) {
    while (!blocks_.empty()) {
      behind.blocks_.push_front(std::move(blocks_.back()));
      blocks_.pop_back();
    }
    std::swap(blocks_, behind.blocks_);
  } else {
    while (!behind.blocks_.empty()) {
      blocks_.push_back(std::move(behind.blocks_.front()));
      behind.blocks_.pop_front();
    }
  }
  size_ += std::exchange(behind.size_, 0);
  capacity_ += std::exchange(behind.capacity_, 0);
}

void slab_chain::drop_front(byte_count count) noexcept {
  size_ -= count;
  while (count > 0) {
    auto& front = blocks_.front();
    const auto step = std::min<byte_count>(count, front.size());
    front.drop_front(static_cast<std::size_t>(step));
    count -= step;
    if (front.size() == 0) {
      capacity_ -= front.capacity();
      blocks_.pop_front();
    }
  }
}

void slab_chain::clear() noexcept {
  blocks_.clear();
  size_ = capacity_ = 0;
}

}
