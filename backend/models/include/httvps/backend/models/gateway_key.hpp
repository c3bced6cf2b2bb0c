#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "httvps/backend/models/id.hpp"
#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

inline constexpr std::uint32_t first_key_generation = 1;

enum class key_source { agent, management };
BOOST_DESCRIBE_ENUM(key_source, agent, management)

enum class rollout_state { waiting, running, failed };
BOOST_DESCRIBE_ENUM(rollout_state, waiting, running, failed)

struct keyring {
  node_id node;
  key_source source = key_source::agent;
  std::string method;
  std::uint64_t revision = 1;
  std::uint64_t running_revision = 0;
  rollout_state rollout = rollout_state::waiting;
  std::string reason;
  std::optional<base::system_time> told_at;
  std::string sealed_management;
  base::system_time created_at;
};

enum class key_state { pending, active, retiring, removed };
BOOST_DESCRIBE_ENUM(key_state, pending, active, retiring, removed)

struct gateway_key {
  access_key_id id;
  node_id node;
  gateway_id gateway;
  std::uint32_t generation = first_key_generation;
  key_state state = key_state::pending;
  std::string method;
  std::string sealed_secret;
  base::system_time created_at;
  std::optional<base::system_time> activated_at;
  std::optional<base::system_time> retire_at;
  std::optional<base::system_time> removed_at;
  std::optional<base::system_time> handed_at;
};

struct key_traffic {
  base::byte_count up = 0;
  base::byte_count down = 0;
  base::byte_count wire_up = 0;
  base::byte_count wire_down = 0;

  bool operator==(const key_traffic&) const = default;
};

struct key_counter {
  node_id node;
  std::string epoch;
  access_key_id key;
  key_traffic counted;
  base::system_time received_at;
};

struct key_share {
  std::string day;
  node_id node;
  access_key_id key;
  gateway_id gateway;
  base::byte_count up = 0;
  base::byte_count down = 0;
};

struct managed_transfer {
  node_id node;
  access_key_id key;
  base::byte_count transferred = 0;
  base::system_time read_at;
};

key_traffic growth(const key_traffic& before, const key_traffic& now) noexcept;
key_traffic highest(const key_traffic& left, const key_traffic& right) noexcept;

inline constexpr std::chrono::hours key_lifetime{7 * 24};
inline constexpr std::chrono::hours key_overlap{48};

void activate(gateway_key& key, base::system_time now) noexcept;
void retire(gateway_key& key, base::system_time now) noexcept;
void remove(gateway_key& key, base::system_time now) noexcept;
bool is_listed(const gateway_key& key) noexcept;
bool is_due_for_rotation(const gateway_key& key, base::system_time now) noexcept;
bool is_overlap_over(const gateway_key& key, base::system_time now) noexcept;

}
