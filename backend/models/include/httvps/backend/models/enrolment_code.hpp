#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "httvps/backend/models/id.hpp"
#include "httvps/base/clock.hpp"
#include "httvps/base/random.hpp"

namespace httvps::backend::models {

inline constexpr std::size_t enrolment_code_symbols = 10;
inline constexpr std::chrono::minutes enrolment_code_life{15};
inline constexpr std::chrono::minutes enrolment_after_code{15};
inline constexpr std::chrono::hours enrolment_code_memory{24};
inline constexpr std::uint64_t most_live_enrolment_codes = 1000;

struct enrolment_code {
  std::string hash;
  ticket_id ticket;
  base::system_time created_at;
  base::system_time expires_at;
  std::optional<std::string> taken_by = {};
  std::optional<base::system_time> taken_at = {};
};

std::string make_enrolment_code(base::random_source& random);
std::optional<std::string> canonical_enrolment_code(std::string_view typed);
std::string shown_enrolment_code(std::string_view canonical);

}
