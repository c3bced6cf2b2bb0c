#pragma once

#include <boost/describe/enum.hpp>
#include <optional>
#include <string>

#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

enum class credential_kind { gateway, node };
BOOST_DESCRIBE_ENUM(credential_kind, gateway, node)

enum class credential_state { valid, due, expired, revoked };
BOOST_DESCRIBE_ENUM(credential_state, valid, due, expired, revoked)

struct credential {
  std::string hash;
  credential_kind kind = credential_kind::gateway;
  std::string owner;
  base::system_time created_at;
  std::optional<base::system_time> used_at;
  std::optional<base::system_time> expires_at = {};
  std::optional<std::string> follows = {};
  std::optional<base::system_time> renewal_asked_at = {};
  std::optional<base::system_time> revoked_at = {};
};

credential_state state_of(const credential& one, base::system_time now) noexcept;

}
