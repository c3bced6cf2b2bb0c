#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/change_news.hpp"
#include "httvps/backend/services/service_tools.hpp"
#include "httvps/backend/services/withdrawal_service.hpp"

namespace httvps::backend::services {

using models::join_approval;

struct join_policy {
  std::string secret_hash;
  join_approval approval = join_approval::by_admin;
  std::uint64_t most_pending = 100;
};

struct join_order {
  base::secret_bytes secret;
  std::string name;
  std::string region;
  std::string host;
  std::vector<std::string> addresses;
  std::vector<std::string> pins;
  std::string x25519_public;
};

struct gateway_place {
  std::string region;
  std::string host;
  std::vector<std::string> addresses;
  std::vector<std::string> pins;
};

struct joined_gateway {
  models::gateway gateway;
  base::secret_bytes credential;
  std::string root;
  std::string key_set;
};

struct gateway_config {
  models::gateway gateway;
  std::string key_set;
  std::string config;
  std::string policy;
  std::uint64_t rev = 0;
  withdrawn_devices withdrawn;
  change_news node_keys;
};

struct invitation_order {
  std::string name;
  std::string region;
  std::chrono::seconds valid{std::chrono::hours(1)};
  join_approval approval = join_approval::automatic;
};

struct invitation {
  base::secret_bytes join_token;
  base::system_time expires_at;
  models::join_token_id id = {};
};

struct gateway_report {
  models::gateway gateway;
  std::optional<models::heartbeat> heartbeat;
};

inline entity_tag tag_of(const gateway_report& report) {
  return tag_of(report.gateway);
}

struct device_successors {
  models::device_id device;
  std::vector<models::gateway_id> gateways;
};

struct gateway_grant {
  models::node node;
  std::optional<std::uint32_t> rank = {};
  std::optional<models::gateway_key> key = {};
};

struct gateway_amendment {
  std::optional<std::string> name = {};
  std::optional<std::uint32_t> weight = {};
  std::optional<std::optional<std::uint64_t>> capacity_bps = {};
  std::optional<std::optional<std::uint64_t>> max_sessions = {};
};

class gateway_service {
 public:
  gateway_service(const service_tools& tools, join_policy policy)
      : tools_(tools), policy_(std::move(policy)) {}

  base::result<joined_gateway> join(const join_order& order) const;
  base::result<std::optional<gateway_config>> config(const models::gateway& gateway,
                                                     std::optional<std::uint64_t> known) const;
  base::result<std::uint64_t> revision() const;
  base::result<models::gateway> take_place(const models::gateway_id& id,
                                           const change_author& author,
                                           const gateway_place& place) const;
  base::result<> heartbeat(const models::gateway& gateway, const models::heartbeat& beat) const;
  base::result<invitation> invite(const admin_actor& actor, const invitation_order& order) const;
  base::result<models::join_token> join_token(const models::join_token_id& id) const;
  base::result<models::page<models::join_token>> join_tokens(
      const models::page_request& wanted) const;
  base::result<> revoke_join_token(const admin_actor& actor, const models::join_token_id& id) const;
  base::result<gateway_report> approve(const admin_actor& actor,
                                       const models::gateway_id& id) const;
  base::result<gateway_report> reject(const admin_actor& actor, const models::gateway_id& id) const;
  base::result<gateway_report> find(const models::gateway_id& id) const;
  base::result<gateway_report> change(const admin_actor& actor, const models::gateway_id& id,
                                      const gateway_amendment& wanted) const;
  base::result<> remove(const admin_actor& actor, const models::gateway_id& id) const;
  base::result<gateway_report> quarantine(const admin_actor& actor,
                                          const models::gateway_id& id) const;
  base::result<gateway_report> release(const admin_actor& actor,
                                       const models::gateway_id& id) const;
  base::result<gateway_report> drain(const admin_actor& actor, const models::gateway_id& id) const;
  base::result<gateway_report> undrain(const admin_actor& actor,
                                       const models::gateway_id& id) const;
  base::result<std::vector<device_successors>> successors(
      const models::gateway& gateway, const std::vector<models::device_id>& devices) const;
  base::result<models::page<gateway_report>> list(const models::page_request& wanted) const;
  base::result<models::page<gateway_grant>> grants(const models::gateway_id& id,
                                                   const models::page_request& wanted) const;

 private:
  struct admitted;
  struct drain_turn;
  base::result<gateway_report> turn_drain(const admin_actor& actor, const models::gateway_id& id,
                                          const drain_turn& wanted) const;
  base::result<std::uint64_t> revision_in(repositories& tables) const;
  base::result<admitted> check_secret(repositories& tables, const join_order& order) const;
  base::result<models::gateway> admit(repositories& tables, const join_order& order,
                                      const admitted& by) const;
  base::result<models::gateway> create(repositories& tables, const join_order& order,
                                       const admitted& by) const;
  base::result<models::gateway> rejoin(repositories& tables, models::gateway known,
                                       const join_order& order, const admitted& by) const;

  service_tools tools_;
  join_policy policy_;
};

}
