#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "httvps/backend/models/account.hpp"
#include "httvps/backend/models/credential.hpp"
#include "httvps/backend/models/gateway_key.hpp"
#include "httvps/base/error.hpp"

namespace httvps::backend::services {

struct key_figures {
  std::map<models::key_state, std::uint64_t> by_state = {};
  std::optional<base::system_time> oldest_active = {};
};

using standing_counts = std::map<models::subscription_standing, std::uint64_t>;

struct credential_figures {
  std::optional<base::system_time> oldest_made = {};
  std::optional<base::system_time> first_end = {};
};

using credential_standing = std::map<models::credential_kind, credential_figures>;

class figure_repository {
 public:
  virtual ~figure_repository() = default;
  virtual base::result<key_figures> keys() = 0;
  virtual base::result<std::uint64_t> widest_key_lag() = 0;
  virtual base::result<standing_counts> subscriptions(base::system_time now) = 0;
  virtual base::result<credential_standing> credentials() = 0;
};

}
