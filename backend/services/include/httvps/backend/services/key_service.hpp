#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/services/service_tools.hpp"

namespace httvps::backend::services {

inline constexpr std::chrono::seconds key_round{2};

struct wanted_order {
  std::uint64_t held_revision = 0;
  std::string x25519_public;
};

struct wanted_key {
  std::string id;
  std::uint32_t generation = 1;
  std::string method;
  std::string sealed_secret;
};

struct wanted_list {
  std::uint64_t revision = 0;
  std::vector<wanted_key> keys;
};

enum class rollout_verdict { running, failed };

struct key_acknowledgement {
  std::uint64_t revision = 0;
  rollout_verdict verdict = rollout_verdict::running;
  std::string reason;
  std::vector<std::string> key_ids;
};

struct counted_key {
  std::string key_id;
  models::key_traffic counted;
};

struct counter_report {
  std::string epoch;
  std::vector<counted_key> rows;
};

struct key_rotation {
  std::uint32_t removed = 0;
  std::uint32_t issued = 0;
};

class key_service {
 public:
  explicit key_service(const service_tools& tools) : tools_(tools) {}

  base::result<std::optional<wanted_list>> wanted(const models::node& node,
                                                  const wanted_order& order) const;
  base::result<std::vector<node_revision>> revisions() const;
  base::result<> acknowledge(const models::node& node, const key_acknowledgement& told) const;
  base::result<> count(const models::node& node, const counter_report& report) const;

  base::result<key_rotation> rotate_node(const admin_actor& actor,
                                         const models::node_id& node) const;
  base::result<key_rotation> rotate_gateway(const admin_actor& actor,
                                            const models::gateway_id& gateway) const;
  base::result<models::page<models::gateway_key>> list(const key_filter& filter,
                                                       const models::page_request& wanted) const;
  base::result<models::gateway_key> find(const models::access_key_id& id) const;
  base::result<> maintain() const;
  base::result<> forget_old() const;

 private:
  base::result<bool> has_work(repositories& tables) const;

  service_tools tools_;
};

}
