#pragma once

#include "route.hpp"

namespace httvps::backend::api {

inline constexpr std::chrono::minutes login_counts_as_recent{5};

bool needs_recent_login(const route& one);
answer<void> require_recent_login(const services::admin_actor& actor, base::system_time now);

}
