#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/account_service.hpp"
#include "httvps/backend/services/errc.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds lease_lasts{300};
inline constexpr std::chrono::seconds successor_heard_for{60};
inline constexpr std::chrono::hours lease_settles_after{24};
inline constexpr std::chrono::hours lease_memory{24 * 30};
inline constexpr std::size_t leases_a_transaction = 50;
inline constexpr std::size_t leases_of_a_gateway_most = 256;

struct wanted_lease {
  models::subscription_id subscription;
  base::byte_count used = 0;
  base::byte_count want = 0;
  std::optional<std::string> token = {};
};

struct lease_order {
  std::string epoch;
  std::vector<wanted_lease> items;
};

enum class lease_outlook { more_to_come, final, refused };

struct granted_lease {
  models::subscription_id subscription;
  base::byte_count granted = 0;
  base::byte_count remaining = 0;
  lease_outlook outlook = lease_outlook::more_to_come;
  errc end = errc::quota_exceeded;
};

using lease_list = std::vector<granted_lease>;

base::result<> settle_dead_epochs(repositories& tables, const epoch_name& heard,
                                  base::system_time now);

class quota_service {
 public:
  explicit quota_service(const service_tools& tools) : tools_(tools) {}

  base::result<lease_list> lease(const models::gateway& gateway, const lease_order& order) const;
  base::result<> forget_old_leases() const;

 private:
  service_tools tools_;
};

}
