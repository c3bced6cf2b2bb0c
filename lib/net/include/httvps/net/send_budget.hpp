#pragma once

#include <cstddef>
#include <optional>

#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::net {

inline constexpr std::size_t send_budget_most = 256 * 1024;
inline constexpr std::size_t send_budget_first = 64 * 1024;
inline constexpr std::size_t send_budget_least = 16 * 1024;

class send_budget {
 public:
  std::size_t bytes() const noexcept { return bytes_; }
  void note_writable(base::byte_count sent, base::steady_time now) noexcept;
  void note_taken_whole() noexcept;
  void note_drained() noexcept { busy_.reset(); }

 private:
  struct busy_period {
    base::byte_count sent_before = 0;
    base::steady_time since{};
  };

  void adopt(base::byte_count wanted) noexcept;

  std::size_t bytes_ = send_budget_first;
  bool measured_ = false;
  std::optional<busy_period> busy_ = std::nullopt;
};

}
