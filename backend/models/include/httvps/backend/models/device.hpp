#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "httvps/backend/models/id.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

enum class device_state { active, revoked };
BOOST_DESCRIBE_ENUM(device_state, active, revoked)

struct device {
  device_id id;
  user_id user;
  subscription_id subscription;
  ticket_id ticket;
  std::string name;
  std::string platform;
  std::string public_key;
  device_state state = device_state::active;
  base::system_time enrolled_at;
  std::optional<base::system_time> last_seen_at;
  std::optional<base::system_time> revoked_at;
  std::optional<std::string> last_region = {};
};

enum class ticket_state { usable, spent, expired, revoked };
BOOST_DESCRIBE_ENUM(ticket_state, usable, spent, expired, revoked)

struct enrolment_ticket {
  ticket_id id;
  user_id user;
  gateway_id gateway;
  std::uint32_t max_uses = 1;
  std::uint32_t uses = 0;
  base::system_time expires_at;
  base::system_time created_at;
  std::optional<base::system_time> revoked_at = {};

  bool spent() const noexcept { return uses >= max_uses; }
  ticket_state state_at(base::system_time now) const noexcept;
};

enum class suspension_reason { user_suspended, subscription_suspended };
BOOST_DESCRIBE_ENUM(suspension_reason, user_suspended, subscription_suspended)

struct suspended_device {
  device_id device;
  suspension_reason reason = suspension_reason::user_suspended;

  bool operator==(const suspended_device&) const = default;
};

struct known_session {
  gateway_id gateway;
  std::string session;
  device_id device;
  base::system_time validated_at;
};

}
