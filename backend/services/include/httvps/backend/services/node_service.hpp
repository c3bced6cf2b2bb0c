#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/admission.hpp"
#include "httvps/backend/services/node_fleet.hpp"
#include "httvps/backend/services/sealed_keys.hpp"

namespace httvps::backend::services {

struct new_node {
  std::string name;
  std::string region;
  base::secret_bytes access_key = {};
  std::uint32_t weight = 1;
  std::string host = {};
  std::uint16_t port = 0;
  std::string method = {};
  base::secret_bytes management_url = {};
  std::string certificate_sha256 = {};
  std::optional<std::uint64_t> capacity_bps = {};
  std::optional<std::uint64_t> max_sessions = {};
  std::vector<std::string> labels = {};
  std::optional<std::uint64_t> key_limit_bytes = {};
};

struct node_report {
  models::node node;
  std::string method;
  std::uint32_t key_generation = 0;
  std::optional<models::keyring> keyring;
  std::uint64_t transferred = 0;
  std::optional<models::heartbeat> heartbeat;
  bool healthy = true;
};

inline entity_tag tag_of(const node_report& report) {
  return tag_of(report.node);
}

struct node_amendment {
  std::optional<std::string> name = {};
  std::optional<std::string> region = {};
  std::optional<std::uint32_t> weight = {};
  std::optional<models::node_state> state = {};
  std::optional<std::optional<std::uint64_t>> capacity_bps = {};
  std::optional<std::optional<std::uint64_t>> max_sessions = {};
  std::optional<std::vector<std::string>> labels = {};
  std::optional<std::optional<std::uint64_t>> key_limit_bytes = {};
};

enum class removal_rule { orderly, forced };

struct region_amendment {
  std::optional<std::optional<std::int64_t>> latitude_millionths = {};
  std::optional<std::optional<std::int64_t>> longitude_millionths = {};
  std::optional<std::optional<std::string>> name = {};
  std::optional<std::optional<std::string>> country = {};
};

struct created_node {
  node_report report;
  base::secret_bytes credential;
};

struct assignment_order {
  std::string token;
  std::string region;
};

struct node_candidate {
  models::node node;
  std::string method;
  std::string sealed_key;
  double weight = 0;
};

struct assigned_node {
  node_candidate first;
  std::vector<node_candidate> reserves;
  base::system_time lease_until;
  models::device_id device;
  std::string region;
  selection::choice_reason reason = selection::choice_reason::first;
};

struct assignment_outcome {
  std::optional<assigned_node> made;
  std::vector<models::node_id> without_key;
};

struct assignment_explanation {
  models::device_id device;
  std::optional<models::assignment> current;
  fleet_explanation told;
  gateway_explanation gateways = {};
};

class node_service {
 public:
  explicit node_service(const service_tools& tools)
      : tools_(tools), sealed_(std::make_shared<sealed_keys>()) {}

  base::result<created_node> add(const admin_actor& actor, const new_node& wanted) const;
  base::result<models::page<node_report>> list(const models::page_request& wanted) const;
  base::result<node_report> find(const models::node_id& id) const;
  base::result<node_report> change(const admin_actor& actor, const models::node_id& id,
                                   const node_amendment& wanted) const;
  base::result<node_report> drain(const admin_actor& actor, const models::node_id& id) const;
  base::result<node_report> undrain(const admin_actor& actor, const models::node_id& id) const;
  base::result<> remove(const admin_actor& actor, const models::node_id& id,
                        removal_rule rule = removal_rule::orderly) const;
  base::result<> heartbeat(const models::node& node, const models::heartbeat& beat) const;
  base::result<> outcomes(const models::gateway& gateway,
                          const std::vector<selection::connect_outcome>& seen) const;
  base::result<assigned_node> assign(const models::gateway& gateway,
                                     const assignment_order& order) const;
  base::result<models::region> place_region(const admin_actor& actor,
                                            const models::region& wanted) const;
  base::result<std::vector<models::region>> regions() const;
  base::result<models::region> region(const std::string& code) const;
  base::result<models::region> add_region(const admin_actor& actor,
                                          const models::region& wanted) const;
  base::result<models::region> change_region(const admin_actor& actor, const std::string& code,
                                             const region_amendment& wanted) const;
  base::result<> remove_region(const admin_actor& actor, const std::string& code) const;
  base::result<assignment_explanation> explain(const models::device_id& device) const;

 private:
  struct turn;
  base::result<node_report> set_state(const admin_actor& actor, const models::node_id& id,
                                      const turn& wanted) const;
  base::result<gateway_explanation> explain_gateways(repositories& tables,
                                                     const models::assignment& current) const;
  struct asking;
  base::result<assignment_outcome> assign_in(repositories& tables, const asking& who) const;
  fleet_order order_of(const asking& who, const std::optional<models::assignment>& lease,
                       std::optional<std::vector<models::node_id>> open) const;
  base::result<node_candidate> candidate(repositories& tables, const models::node_id& id,
                                         const models::gateway& gateway) const;
  base::result<std::string> seal_link(const base::secret_bytes& link,
                                      const models::gateway& gateway) const;
  base::result<std::string> sealed_issued(const models::node& node, const models::gateway_key& key,
                                          const models::gateway& gateway) const;
  base::result<std::string> sealed_shared(const models::access_key& key,
                                          const models::gateway& gateway) const;
  base::result<node_candidate> issued_candidate(repositories& tables, models::node node,
                                                const models::gateway& gateway) const;
  base::result<> order_keys(const models::gateway& gateway,
                            const std::vector<models::node_id>& missing) const;

  service_tools tools_;
  std::shared_ptr<sealed_keys> sealed_;
};

}
