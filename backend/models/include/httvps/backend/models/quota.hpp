#pragma once

#include <string>

#include "httvps/backend/models/account.hpp"
#include "httvps/backend/models/id.hpp"
#include "httvps/base/bytes.hpp"
#include "httvps/base/clock.hpp"

namespace httvps::backend::models {

inline constexpr base::byte_count smallest_share = 4 * base::mebibyte;
inline constexpr base::byte_count default_offline_bytes = 5 * base::gibibyte;

struct quota_lease {
  gateway_id gateway;
  std::string epoch;
  subscription_id subscription;
  base::byte_count granted = 0;
  base::byte_count rolled_up = 0;
  base::system_time renewed_at;

  base::byte_count outstanding() const noexcept;
};

enum class lease_mood { grants, only_settles };

struct lease_terms {
  base::byte_count budget = 0;
  lease_mood mood = lease_mood::grants;
};

struct lease_wish {
  base::byte_count used = 0;
  base::byte_count want = 0;
  base::system_time asked_at;
};

struct lease_decision {
  quota_lease lease;
  base::byte_count remaining = 0;
};

base::byte_count largest_share(base::byte_count remaining) noexcept;
lease_decision decide_lease(quota_lease held, const lease_terms& terms,
                            const lease_wish& wish) noexcept;

}
