#pragma once

#include <string_view>

namespace httvps::base {

inline constexpr const char* failpoints_variable = "HTTVPS_FAILPOINTS_FILE";

enum class failpoint_outcome { pass, drop };

bool has_failpoints() noexcept;
failpoint_outcome reach_failpoint(std::string_view name);

}
