#pragma once

#include <boost/describe/enum.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "httvps/base/clock.hpp"

namespace httvps::backend::selection {

inline constexpr std::chrono::seconds ejection_interval{10};
inline constexpr std::uint64_t failures_to_eject = 5;
inline constexpr std::uint64_t attempts_to_compare = 100;
inline constexpr std::size_t members_to_compare = 5;
inline constexpr double deviations_to_eject = 1.9;
inline constexpr double least_shortfall = 0.05;
inline constexpr std::size_t ejected_share = 3;

struct connect_record {
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t failed_in_a_row = 0;
};

enum class ejection_cause { failures_in_a_row, low_success };
BOOST_DESCRIBE_ENUM(ejection_cause, failures_in_a_row, low_success)

struct ejection {
  std::size_t index = 0;
  ejection_cause cause = ejection_cause::failures_in_a_row;
};

std::vector<ejection> find_failing(std::span<const connect_record> records);
std::size_t most_ejected(std::size_t members) noexcept;
base::duration ejection_time(std::uint32_t count) noexcept;

}
