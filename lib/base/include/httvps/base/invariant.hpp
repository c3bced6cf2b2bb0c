#pragma once

#include <cstdint>
#include <source_location>

namespace httvps::base {

bool report_broken_invariant(std::source_location where) noexcept;
std::uint64_t broken_invariants() noexcept;

[[nodiscard]] inline bool invariant(
    bool holds, std::source_location where = std::source_location::current()) noexcept {
  return holds || report_broken_invariant(where);
}

}
