#pragma once

#include <algorithm>
#include <cstdlib>

#include "httvps/base/bytes.hpp"

namespace httvps::wire {

inline void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

class fuzz_input {
 public:
  explicit fuzz_input(base::byte_view bytes) noexcept : rest_(bytes) {}

  bool empty() const noexcept { return rest_.empty(); }
  base::byte_view rest() const noexcept { return rest_; }

  std::uint8_t byte() noexcept {
    if (rest_.empty()) {
      return 0;
    }
    const auto value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }

  std::uint64_t below(std::uint64_t bound) noexcept {
    const std::uint64_t number = byte() | std::uint64_t{byte()} << 8U;
    return number % bound;
  }

  base::byte_view bytes(std::size_t count) noexcept {
    const auto head = rest_.first(std::min(count, rest_.size()));
    rest_ = rest_.subspan(head.size());
    return head;
  }

 private:
  base::byte_view rest_;
};

}
