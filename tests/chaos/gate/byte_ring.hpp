#pragma once

#include <sys/uio.h>

#include <array>
#include <cstddef>

#include "httvps/base/bytes.hpp"

namespace httvps::chaos {

using two_parts = std::array<iovec, 2>;

class byte_ring {
 public:
  std::size_t size() const noexcept { return size_; }
  std::size_t capacity() const noexcept { return bytes_.size(); }

  two_parts writable(std::size_t most);
  void commit(std::size_t count) noexcept { size_ += count; }
  two_parts readable(std::size_t most) noexcept;
  void consume(std::size_t count) noexcept;
  void clear() noexcept;

 private:
  void grow_for(std::size_t more);
  two_parts parts(std::size_t from, std::size_t length) noexcept;

  base::byte_vector bytes_;
  std::size_t start_ = 0;
  std::size_t size_ = 0;
};

}
