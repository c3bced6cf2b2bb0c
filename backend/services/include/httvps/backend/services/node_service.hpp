#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "httvps/backend/services/admission.hpp"
#include "httvps/backend/services/weighted_rotation.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::hours assignment_lease{1};

struct new_node {
  std::string name;
  std::string region;
  base::secret_bytes access_key;
  std::uint32_t weight = 1;
};

struct node_report {
  models::node node;
  models::access_key key;
  std::optional<models::heartbeat> heartbeat;
  bool healthy = true;
};

struct created_node {
  node_report report;
  base::secret_bytes credential;
};

struct assignment_order {
  std::string token;
  std::string region;
};

struct assigned_node {
  models::node node;
  std::string method;
  std::string sealed_key;
  base::system_time lease_until;
  models::device_id device;
};

class node_service {
 public:
  explicit node_service(const service_tools& tools)
      : tools_(tools), rotation_(std::make_unique<weighted_rotation>()) {}

  base::result<created_node> add(const admin_actor& actor, const new_node& wanted) const;
  base::result<models::page<node_report>> list(const models::page_request& wanted) const;
  base::result<> heartbeat(const models::node& node, const models::heartbeat& beat) const;
  base::result<assigned_node> assign(const models::gateway& gateway,
                                     const assignment_order& order) const;

 private:
  base::result<models::node> choose(repositories& tables, const models::device_id& device,
                                    const std::string& region) const;
  base::result<std::optional<models::node>> leased(repositories& tables,
                                                   const models::device_id& device,
                                                   const std::string& region) const;
  base::result<std::string> seal_key(const models::access_key& key,
                                     const models::gateway& gateway) const;

  service_tools tools_;
  std::unique_ptr<weighted_rotation> rotation_;
};

}
