#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "httvps/backend/selection/member_pool.hpp"
#include "httvps/backend/selection/moving_average.hpp"
#include "httvps/backend/selection/panic_rule.hpp"

namespace httvps::backend::selection {

inline constexpr std::chrono::seconds load_constant{15};
inline constexpr std::chrono::seconds calm_to_forgive{60};

struct pool_entry {
  member who;
  std::optional<base::steady_time> heard_at;
  base::steady_time healthy_since{};
  health stage = health::healthy;
  moving_average utilisation{load_constant};
  moving_average errors{load_constant};
  moving_average round_trip{load_constant};
  std::optional<base::steady_time> reported_at;
  connect_record window;
  std::optional<base::steady_time> ejected_until;
  base::steady_time calm_since{};
  std::uint32_t ejections = 0;
  weight_factors factors;
  double credit = 0;

  obstacle unfit() const noexcept;
  bool is_assignable() const noexcept { return unfit() == obstacle::none; }
  bool is_open_to(drain_rule rule) const noexcept {
    const bool is_presumed =
        rule == drain_rule::presumes_fit && who.state == service_state::draining;
    return is_assignable() || (is_presumed && stage == health::healthy && !ejected_until);
  }
};

struct pool_region {
  std::string code;
  std::vector<pool_entry*> members;
  panic_rule panic;
  double typical_headroom = 1;
  double share = 1;
};

struct sweep_moment {
  base::steady_time now;
  std::vector<pool_event>& events;
};

void sweep_health(pool_region& region, const sweep_moment& moment);
void sweep_ejections(pool_region& region, const sweep_moment& moment);
void end_ejections(pool_region& region, const sweep_moment& moment);
void sweep_weights(pool_region& region, base::steady_time now);

struct member_pool::state {
  std::map<std::string, pool_entry, std::less<>> entries;
  std::map<std::string, pool_region, std::less<>> regions;
  std::vector<pool_event> events;
  base::steady_time next_sweep{};
  base::steady_time next_judgement{};
  base::steady_time swept_at{};

  pool_entry* find(std::string_view id);
  const pool_entry* find(std::string_view id) const;
  void leave_region(const pool_entry& entry);
  void join_region(pool_entry& entry);
  std::vector<const pool_entry*> fit_in(std::string_view code,
                                        drain_rule rule = drain_rule::leaves_out) const;
  double best_in(std::string_view code, const std::vector<const pool_entry*>& eligible) const;
  std::vector<const pool_entry*> eligible(const choice_request& wanted) const;
};

}
