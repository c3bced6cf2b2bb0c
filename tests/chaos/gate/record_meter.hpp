#pragma once

#include <array>

#include "gate/byte_ring.hpp"

namespace httvps::chaos {

class record_meter {
 public:
  void note(base::byte_view bytes) noexcept;
  void note(const two_parts& parts, std::size_t size) noexcept;

  base::byte_count inside() const noexcept;
  base::byte_count record() const noexcept;

 private:
  static constexpr std::size_t head_size = 5;

  std::array<std::uint8_t, head_size> head_{};
  std::size_t head_read_ = 0;
  base::byte_count body_ = 0;
  base::byte_count body_left_ = 0;
};

}
