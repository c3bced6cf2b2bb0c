#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/models/id.hpp"
#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

enum class user_state { active, suspended, deleted };
BOOST_DESCRIBE_ENUM(user_state, active, suspended, deleted)

struct user {
  user_id id;
  std::string name;
  std::optional<std::string> email;
  user_state state = user_state::active;
  std::string note;
  base::system_time created_at;
  std::optional<base::system_time> deleted_at = {};
};

enum class reset_period { none, day, week, month, month_rolling, year };
BOOST_DESCRIBE_ENUM(reset_period, none, day, week, month, month_rolling, year)

enum class plan_state { active, retired };
BOOST_DESCRIBE_ENUM(plan_state, active, retired)

enum class plan_start { now, first_use };
BOOST_DESCRIBE_ENUM(plan_start, now, first_use)

struct plan {
  plan_id id;
  std::string code;
  std::string name;
  std::optional<base::byte_count> quota_bytes;
  std::optional<base::byte_count> offline_bytes;
  reset_period reset = reset_period::none;
  std::optional<std::uint32_t> duration_days;
  std::uint32_t device_limit = 1;
  std::uint32_t session_limit = 1;
  std::optional<std::uint64_t> up_bps;
  std::optional<std::uint64_t> down_bps;
  std::vector<std::string> regions;
  base::system_time created_at;
  std::optional<base::system_time> retired_at = {};
  plan_start start = plan_start::now;

  plan_state state() const noexcept {
    return retired_at ? plan_state::retired : plan_state::active;
  }
  bool covers_region(std::string_view region) const noexcept;
};

enum class subscription_state { active, ended, cancelled };
BOOST_DESCRIBE_ENUM(subscription_state, active, ended, cancelled)

struct traffic {
  base::byte_count up = 0;
  base::byte_count down = 0;

  base::byte_count total() const noexcept;
  bool operator==(const traffic&) const = default;
};

inline constexpr base::byte_count largest_counter = (base::byte_count(1) << 63U) - 1;

struct forgiven_usage {
  base::system_time period;
  traffic counted;
};

struct period_use {
  traffic used;
  traffic forgiven;
};

struct planned_change {
  plan_id plan;
  base::system_time at;
};

struct subscription {
  subscription_id id;
  user_id user;
  plan_id plan;
  subscription_state state = subscription_state::active;
  std::optional<base::system_time> suspended_at;
  base::system_time starts_at;
  std::optional<base::system_time> expires_at;
  base::system_time created_at;
  std::optional<base::byte_count> quota_bytes = {};
  std::optional<forgiven_usage> forgiven = {};
  std::optional<planned_change> next = {};
  bool awaits_use = false;

  const plan_id& plan_at(base::system_time now) const noexcept;
  traffic counted_of(const period_use& use, base::system_time period) const noexcept;
};

enum class subscription_standing { pending, active, limited, expired, suspended, cancelled };
BOOST_DESCRIBE_ENUM(subscription_standing, pending, active, limited, expired, suspended, cancelled)

struct standing_facts {
  const subscription& subject;
  const plan& terms;
  traffic used;
  base::system_time now;
};

subscription begun_at(subscription subject, const plan& terms, base::system_time now) noexcept;
subscription_standing standing_of(const standing_facts& facts) noexcept;
base::system_time period_start(reset_period reset, base::system_time anchor,
                               base::system_time now) noexcept;
std::optional<base::system_time> period_end(reset_period reset, base::system_time anchor,
                                            base::system_time now) noexcept;

}
