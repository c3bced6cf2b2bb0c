#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "httvps/base/clock.hpp"

namespace httvps::backend::selection {

inline constexpr std::chrono::seconds panic_window{60};
inline constexpr std::size_t members_to_panic = 3;

struct silence_count {
  std::size_t members = 0;
  std::size_t silent = 0;
  std::size_t newly_silent = 0;
};

class panic_rule {
 public:
  void update(const silence_count& counted, base::steady_time now) noexcept;
  bool is_active() const noexcept { return since_.has_value(); }
  bool holds(base::steady_time fell_silent) const noexcept;

 private:
  std::optional<base::steady_time> since_;
};

}
