#pragma once

#include "connection.hpp"
#include "httvps/backend/services/quota_repository.hpp"

namespace httvps::backend::storage {

class quota_lease_table final : public services::quota_lease_repository {
 public:
  explicit quota_lease_table(connection& database) noexcept : database_(database) {}
  base::result<std::optional<models::quota_lease>> find(const services::lease_name& name) override;
  base::result<> save(const models::quota_lease& lease) override;
  base::result<> roll_up(const services::rolled_usage& usage) override;
  base::result<std::vector<models::quota_lease>> list(const services::open_leases& wanted) override;
  base::result<> settle(const services::dead_epochs& dead) override;
  base::result<> forget_before(base::system_time moment) override;

 private:
  connection& database_;
};

}
