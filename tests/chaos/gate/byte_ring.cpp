#include "gate/byte_ring.hpp"

#include <algorithm>
#include <bit>

namespace httvps::chaos {
namespace {

constexpr std::size_t first_capacity = 64 * base::kibibyte;

void append_part(base::byte_vector& to, const iovec& part) {
  base::append(to, {static_cast<const std::uint8_t*>(part.iov_base), part.iov_len});
}

}

two_parts byte_ring::writable(std::size_t most) {
  if (size_ == 0) {
    start_ = 0;
  }
  grow_for(most);
  return parts(start_ + size_, most);
}

two_parts byte_ring::readable(std::size_t most) noexcept {
  return parts(start_, std::min(most, size_));
}

void byte_ring::consume(std::size_t count) noexcept {
  start_ = (start_ + count) & (bytes_.size() - 1);
  size_ -= count;
}

void byte_ring::clear() noexcept {
  start_ = 0;
  size_ = 0;
}

void byte_ring::grow_for(std::size_t more) {
  if (size_ + more <= bytes_.size()) {
    return;
  }
  const auto wanted = std::bit_ceil(std::max(size_ + more, first_capacity));
  base::byte_vector larger;
  larger.reserve(wanted);
  for (const auto& part : readable(size_)) {
    append_part(larger, part);
  }
  larger.resize(wanted);
  bytes_ = std::move(larger);
  start_ = 0;
}

two_parts byte_ring::parts(std::size_t from, std::size_t length) noexcept {
  if (length == 0) {
    return {};
  }
  const auto begin = from & (bytes_.size() - 1);
  const auto first = std::min(length, bytes_.size() - begin);
  return {iovec{bytes_.data() + begin, first}, iovec{bytes_.data(), length - first}};
}

}
