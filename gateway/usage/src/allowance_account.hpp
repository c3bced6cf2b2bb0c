#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "httvps/gateway/usage/allowance_desk.hpp"

namespace httvps::gateway {

inline constexpr double seconds_a_grant = 4.0;

struct allowance_desk::account {
  std::shared_ptr<quota_account> shared = std::make_shared<quota_account>();
  quota_terms terms;
  std::string token;
  base::byte_count granted = 0;
  base::byte_count used_at_grant = 0;
  base::steady_time granted_at{};
  base::steady_time ask_again{};
  base::duration lasts{};
  base::steady_time quota_named_at{};
  std::optional<base::byte_count> last_remaining = {};
  base::byte_count offline_before = 0;
  base::byte_count offline_from = 0;
  bool offline = false;
  bool heard = false;
  bool released = false;
  bool returning = false;

  base::byte_count wanted(base::steady_time now) const {
    const std::chrono::duration<double> took = now - granted_at;
    const auto used = static_cast<double>(shared->used() - used_at_grant);
    const auto rate = heard && took.count() > 0 ? used / took.count() : 0;
    const auto most = static_cast<double>(lease_most);
    return std::max(lease_least,
                    static_cast<base::byte_count>(std::min(most, seconds_a_grant * rate)));
  }

  bool is_due(base::steady_time now) const {
    if (now < ask_again) {
      return false;
    }
    const auto span = granted > used_at_grant ? granted - used_at_grant : 0;
    return !heard || offline || shared->left() * 2 <= span || now - granted_at >= lasts / 2;
  }

  bool is_unused() const { return shared.use_count() == 1; }
  bool is_leaving() const { return is_unused() || !shared->is_metered(); }

  base::byte_count offline_used() const {
    const auto used = shared->used();
    return offline_before + (offline && used > offline_from ? used - offline_from : 0);
  }

  void start_offline() {
    offline_from = std::max(granted, shared->used());
    const auto most = std::min({terms.remaining, last_remaining.value_or(terms.remaining),
                                terms.offline_bytes, offline_quota_most});
    shared->allow(offline_from + most - std::min(most, offline_before));
  }

  void go_on_alone(base::steady_time again) {
    ask_again = again;
    if (std::exchange(returning, false)) {
      granted = shared->used();
    }
    if (!std::exchange(offline, true)) {
      start_offline();
    }
    if (shared->left() < lease_useless_below) {
      shared->finish(lease_end::quota_exceeded);
    }
  }
};

}
