#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "httvps/base/clock.hpp"

namespace httvps::sdk {

inline constexpr std::size_t round_trips_kept = 64;

class round_trips {
 public:
  void note(base::duration measured) noexcept;
  std::uint64_t count() const noexcept { return count_; }
  std::vector<base::duration> recent() const;
  std::optional<base::duration> within(unsigned percent) const;

 private:
  std::array<base::duration, round_trips_kept> kept_{};
  std::uint64_t count_ = 0;
};

}
