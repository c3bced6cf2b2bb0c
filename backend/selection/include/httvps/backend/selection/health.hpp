#pragma once

#include <boost/describe/enum.hpp>
#include <chrono>

#include "httvps/base/clock.hpp"

namespace httvps::backend::selection {

inline constexpr std::chrono::seconds heartbeat_interval{5};
inline constexpr std::chrono::seconds suspect_after{15};
inline constexpr std::chrono::seconds out_after{30};
inline constexpr std::chrono::minutes gone_after{10};

enum class health { healthy, suspect, out, gone };
health health_after(base::duration silence) noexcept;

BOOST_DESCRIBE_ENUM(health, healthy, suspect, out, gone)

}
