#include <algorithm>
#include <cstring>
#include <utility>

#include "httvps/net/tls_engine.hpp"

namespace httvps::net {
namespace {

constexpr std::size_t least_capacity = 4096;

}

ciphertext_buffer::ciphertext_buffer(std::size_t capacity) {
  if (capacity > 0) {
    grow(capacity);
  }
}

ciphertext_buffer::ciphertext_buffer(ciphertext_buffer&& other) noexcept
    : memory_(std::move(other.memory_)),
      capacity_(std::exchange(other.capacity_, 0)),
      start_(std::exchange(other.start_, 0)),
      filled_(std::exchange(other.filled_, 0)) {}

ciphertext_buffer& ciphertext_buffer::operator=(ciphertext_buffer&& other) noexcept {
  memory_ = std::move(other.memory_);
  capacity_ = std::exchange(other.capacity_, 0);
  start_ = std::exchange(other.start_, 0);
  filled_ = std::exchange(other.filled_, 0);
  return *this;
}

void ciphertext_buffer::append(base::byte_view bytes) {
  if (bytes.empty()) {
    return;
  }
  if (capacity_ - filled_ < bytes.size()) {
    grow(size() + bytes.size());
  }
  std::memcpy(memory_.get() + filled_, bytes.data(), bytes.size());
  filled_ += bytes.size();
}

void ciphertext_buffer::drop_front(std::size_t count) noexcept {
  start_ += count;
  if (start_ == filled_) {
    clear();
  }
}

void ciphertext_buffer::clear() noexcept {
  start_ = 0;
  filled_ = 0;
}

void ciphertext_buffer::release() noexcept {
  memory_.reset();
  capacity_ = 0;
  clear();
}

void ciphertext_buffer::grow(std::size_t wanted) {
  const auto kept = size();
  const auto capacity =
      wanted <= capacity_ ? capacity_ : std::max({wanted, capacity_ * 2, least_capacity});
  auto memory = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
  if (kept > 0) {
    std::memcpy(memory.get(), memory_.get() + start_, kept);
  }
  memory_ = std::move(memory);
  capacity_ = capacity;
  start_ = 0;
  filled_ = kept;
}

}
