#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "httvps/backend/models/quota.hpp"
#include "httvps/backend/services/usage_repositories.hpp"

namespace httvps::backend::services {

struct lease_name {
  epoch_name epoch;
  models::subscription_id subscription;
};

struct rolled_share {
  models::subscription_id subscription;
  base::byte_count added = 0;
};

struct rolled_usage {
  epoch_name epoch;
  std::vector<rolled_share> shares;
  base::system_time at;
};

struct open_leases {
  models::subscription_id subscription;
  base::system_time renewed_after;
};

struct dead_epochs {
  epoch_name heard;
  base::system_time heard_before;
  std::chrono::microseconds silence{};
};

class quota_lease_repository {
 public:
  virtual ~quota_lease_repository() = default;
  virtual base::result<std::optional<models::quota_lease>> find(const lease_name& name) = 0;
  virtual base::result<> save(const models::quota_lease& lease) = 0;
  virtual base::result<> roll_up(const rolled_usage& usage) = 0;
  virtual base::result<std::vector<models::quota_lease>> list(const open_leases& wanted) = 0;
  virtual base::result<> settle(const dead_epochs& dead) = 0;
  virtual base::result<> forget_before(base::system_time moment) = 0;
};

}
