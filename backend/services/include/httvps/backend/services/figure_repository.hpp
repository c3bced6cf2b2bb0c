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

inline constexpr std::uint32_t subscriptions_counted_a_look = 5000;

struct standing_window {
  std::string after = {};
  std::uint32_t size = subscriptions_counted_a_look;
};

struct counted_window {
  standing_counts counts;
  std::optional<std::string> last;
};

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
  virtual base::result<counted_window> subscriptions(const standing_window& window,
                                                     base::system_time now) = 0;
  virtual base::result<credential_standing> credentials() = 0;
};

}
