#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "httvps/backend/services/service_tools.hpp"
#include "httvps/identity/policy.hpp"

namespace httvps::backend::services {

struct policy_report {
  identity::traffic_shape shape;
  std::uint64_t version = 1;
};

entity_tag tag_of(const policy_report& report);

struct policy_amendment {
  std::optional<std::uint32_t> carriers_most = {};
  std::optional<std::chrono::seconds> keepalive_least = {};
  std::optional<std::chrono::seconds> keepalive_most = {};
  std::optional<std::chrono::seconds> carrier_age_least = {};
  std::optional<std::chrono::seconds> carrier_age_most = {};
  std::optional<std::chrono::seconds> carrier_idle = {};
};

base::result<std::uint64_t> policy_version(repositories& tables);
base::result<std::string> sign_policy(const service_tools& tools, repositories& tables);

class policy_service {
 public:
  explicit policy_service(const service_tools& tools) : tools_(tools) {}

  base::result<policy_report> find() const;
  base::result<policy_report> change(const admin_actor& actor,
                                     const policy_amendment& wanted) const;

 private:
  service_tools tools_;
};

}
