#pragma once

#include <cstdint>

#include "httvps/base/bytes.hpp"

namespace httvps::base {

class random_source {
 public:
  virtual ~random_source() = default;
  virtual void fill(byte_span out) = 0;

  std::uint64_t next_u64();
  std::uint64_t below(std::uint64_t bound);

  template <std::size_t Size>
  byte_array<Size> take() {
    byte_array<Size> bytes;
    fill(bytes);
    return bytes;
  }
};

random_source& secure_random() noexcept;

class seeded_random final : public random_source {
 public:
  explicit seeded_random(std::uint64_t seed) noexcept : state_(seed) {}
  void fill(byte_span out) override;

 private:
  std::uint64_t state_;
};

}
