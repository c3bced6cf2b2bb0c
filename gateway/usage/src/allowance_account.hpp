#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

#include "httvps/gateway/usage/allowance_desk.hpp"

namespace httvps::gateway {

inline constexpr double seconds_a_grant = 4.0;

struct allowance_desk::account {
  std::shared_ptr<quota_account> shared = std::make_shared<quota_account>();
  quota_terms terms;
  base::byte_count granted = 0;
  base::byte_count used_at_grant = 0;
  base::steady_time granted_at{};
}
