#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <string_view>

#include "httvps/backend/models/usage.hpp"

namespace httvps::backend::storage {

inline base::byte_count joined_halves(std::int64_t high, std::int64_t low) noexcept {
  constexpr std::uint64_t half = std::uint64_t{1} << 32U;
  const auto carried = static_cast<std::uint64_t>(high) + static_cast<std::uint64_t>(low) / half;
  return carried >= half / 2 ? models::largest_counter
                             : carried * half + static_cast<std::uint64_t>(low) % half;
}

struct sum_row {
  std::int64_t up_high = 0;
  std::int64_t up_low = 0;
  std::int64_t down_high = 0;
  std::int64_t down_low = 0;

  models::traffic record() const noexcept {
    return {.up = joined_halves(up_high, up_low), .down = joined_halves(down_high, down_low)};
  }
};
BOOST_DESCRIBE_STRUCT(sum_row, (), (up_high, up_low, down_high, down_low))

inline constexpr std::string_view traffic_sums =
    "CAST(COALESCE(SUM(up / 4294967296), 0) AS BIGINT) AS up_high, "
    "CAST(COALESCE(SUM(up % 4294967296), 0) AS BIGINT) AS up_low, "
    "CAST(COALESCE(SUM(down / 4294967296), 0) AS BIGINT) AS down_high, "
    "CAST(COALESCE(SUM(down % 4294967296), 0) AS BIGINT) AS down_low";

}
