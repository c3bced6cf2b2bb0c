#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/models/credential.hpp"
#include "httvps/backend/models/id.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

enum class gateway_state { pending, approved, disabled };
BOOST_DESCRIBE_ENUM(gateway_state, pending, approved, disabled)

struct gateway {
  gateway_id id;
  std::string name;
  std::string region;
  std::string host;
  std::vector<std::string> addresses;
  std::vector<std::string> pins;
  std::string x25519_public;
  std::string path;
  std::string cookie;
  gateway_state state = gateway_state::pending;
  base::system_time created_at;
  std::optional<base::system_time> approved_at;
  std::optional<base::system_time> draining_since = {};
  std::uint32_t weight = 1;
  std::optional<std::uint64_t> capacity_bps = {};
  std::optional<std::uint64_t> max_sessions = {};
};

bool is_removed(const gateway& one) noexcept;
void remove(gateway& one);

enum class join_approval { by_admin, automatic };

enum class join_token_state { usable, used, expired, revoked };
BOOST_DESCRIBE_ENUM(join_token_state, usable, used, expired, revoked)

struct join_token {
  std::string hash;
  std::string name;
  std::string region;
  base::system_time expires_at;
  base::system_time created_at;
  std::optional<gateway_id> used_by;
  join_token_id id = {};
  join_approval approval = join_approval::automatic;
  std::optional<base::system_time> used_at = {};
  std::optional<base::system_time> revoked_at = {};
};

join_token_state state_of(const join_token& token, base::system_time now) noexcept;

}
