#pragma once

#include <atomic>
#include <cstdint>

#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::gateway {

class rate_gate {
 public:
  explicit rate_gate(std::uint64_t bits_per_second) noexcept;
  rate_gate(const rate_gate&) = delete;
  rate_gate& operator=(const rate_gate&) = delete;

  void change(std::uint64_t bits_per_second) noexcept;
  bool is_open(base::steady_time now) const noexcept;
  base::duration wait(base::steady_time now) const noexcept;
  void charge(base::byte_count bytes, base::steady_time now) noexcept;

 private:
  std::atomic<double> nanoseconds_a_byte_;
  std::atomic<std::int64_t> paid_until_{0};
};

}
