#pragma once

#include <chrono>
#include <cstdint>
#include <random>

#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::chaos {

enum class passage { open, stopped };

struct link_shape {
  base::duration delay{};
  base::duration jitter{};
  std::uint64_t bits_per_second = 0;
  base::duration queue = std::chrono::milliseconds(50);
  passage now = passage::open;
};

class link {
 public:
  explicit link(std::uint64_t seed) : random_(seed) {}

  void reshape(const link_shape& shape) noexcept { shape_ = shape; }
  const link_shape& shape() const noexcept { return shape_; }

  base::byte_count quantum() const noexcept;
  base::byte_count room(base::steady_time now) const noexcept;
  base::steady_time room_at() const noexcept;
  base::byte_count most_held(base::byte_count without_rate) const noexcept;
  base::byte_count socket_buffer() const noexcept;
  base::steady_time admit(base::byte_count size, base::steady_time now) noexcept;

 private:
  bool is_limited() const noexcept { return shape_.bits_per_second > 0; }
  base::byte_count carried_in(base::duration time) const noexcept;
  base::duration time_for(base::byte_count size) const noexcept;
  base::byte_count least_room() const noexcept;
  base::duration drawn_jitter() noexcept;

  link_shape shape_;
  std::mt19937_64 random_;
  base::steady_time free_at_{};
};

}
