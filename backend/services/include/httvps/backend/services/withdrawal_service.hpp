#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "httvps/backend/services/account_service.hpp"
#include "httvps/backend/services/change_news.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::hours revocation_memory{24 * 7};
inline constexpr std::size_t most_withdrawn_devices = 100000;

struct withdrawn_devices {
  std::uint64_t version = 0;
  std::vector<models::device_id> devices;
  std::vector<models::suspended_device> suspended;
};

struct gateway_news {
  std::uint64_t revocation_version = 0;
  change_news terms;
};

base::result<std::uint64_t> revocation_version(repositories& tables);
base::result<> advance_revocation_version(repositories& tables);
base::result<withdrawn_devices> find_withdrawn(repositories& tables, base::system_time now);

class withdrawal_service {
 public:
  explicit withdrawal_service(const service_tools& tools) : tools_(tools) {}

  base::result<std::uint64_t> version() const;
  base::result<gateway_news> news() const;
  base::result<models::user> suspend_user(const admin_actor& actor,
                                          const models::user_id& id) const;
  base::result<models::user> resume_user(const admin_actor& actor, const models::user_id& id) const;
  base::result<subscription_report> suspend_subscription(const admin_actor& actor,
                                                         const models::subscription_id& id) const;
  base::result<subscription_report> resume_subscription(const admin_actor& actor,
                                                        const models::subscription_id& id) const;

 private:
  enum class change { suspend, resume };
  base::result<models::user> change_user(const admin_actor& actor, const models::user_id& id,
                                         change wanted) const;
  base::result<subscription_report> change_subscription(const admin_actor& actor,
                                                        const models::subscription_id& id,
                                                        change wanted) const;

  service_tools tools_;
};

}
