#pragma once

#include <boost/describe/enum.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "httvps/backend/models/administration.hpp"

namespace httvps::backend::models {

enum class admin_state { active, disabled };
BOOST_DESCRIBE_ENUM(admin_state, active, disabled)

enum class totp_state { off, pending, on };
BOOST_DESCRIBE_ENUM(totp_state, off, pending, on)

struct admin {
  admin_id id;
  std::string name;
  admin_role role = admin_role::read_only;
  admin_state state = admin_state::active;
  std::string password_hash;
  totp_state totp = totp_state::off;
  std::string totp_sealed;
  std::int64_t totp_step = 0;
  base::system_time created_at;
};

struct recovery_code {
  admin_id owner;
  std::string hash;
  std::optional<base::system_time> used_at;
};

}
