#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "httvps/backend/models/account.hpp"
#include "httvps/backend/models/administration.hpp"
#include "httvps/backend/models/gateway_key.hpp"
#include "httvps/backend/services/month_repository.hpp"
#include "httvps/backend/services/repository.hpp"

namespace httvps::backend::services {

struct node_revision {
  models::node_id node;
  std::uint64_t revision = 0;

  bool operator==(const node_revision&) const = default;
};

class keyring_repository : public repository<models::keyring, models::node_id> {
 public:
  virtual base::result<std::vector<node_revision>> revisions() = 0;
  virtual base::result<std::vector<models::keyring>> list_managed() = 0;
  virtual base::result<> remove(const models::node_id& node) = 0;
};

struct key_place {
  models::node_id node;
  models::gateway_id gateway;

  auto operator<=>(const key_place&) const = default;
};

struct key_filter {
  std::optional<models::node_id> node;
  std::optional<models::gateway_id> gateway;
};

class gateway_key_repository : public repository<models::gateway_key, models::access_key_id> {
 public:
  virtual base::result<std::vector<models::gateway_key>> listed_by_node(
      const models::node_id& node) = 0;
  virtual base::result<std::vector<models::gateway_key>> listed_by_gateway(
      const models::gateway_id& gateway) = 0;
  virtual base::result<models::page<models::gateway_key>> list(
      const key_filter& filter, const models::page_request& wanted) = 0;
  virtual base::result<std::vector<models::gateway_key>> due(base::system_time now) = 0;
  virtual base::result<std::vector<key_place>> places() = 0;
  virtual base::result<std::vector<models::node_id>> nodes_open_to(
      const models::gateway_id& gateway) = 0;
  virtual base::result<std::optional<models::gateway_key>> find_active(const key_place& place) = 0;
  virtual base::result<std::uint32_t> newest_generation(const key_place& place) = 0;
  virtual base::result<std::uint32_t> newest_listed(const models::node_id& node) = 0;
  virtual base::result<> note_handed(const models::access_key_id& key, base::system_time now) = 0;
  virtual base::result<> forget_removed_before(base::system_time moment) = 0;
};

struct counter_name {
  models::node_id node;
  std::string epoch;
  models::access_key_id key;
};

struct node_reading {
  models::node_id node;
  std::optional<models::gateway_id> gateway = {};
  models::traffic bytes;
};

class key_counter_repository {
 public:
  virtual ~key_counter_repository() = default;
  virtual base::result<std::optional<models::key_traffic>> find(const counter_name& name) = 0;
  virtual base::result<> save(const models::key_counter& counter) = 0;
  virtual base::result<std::uint64_t> count_epochs(const models::node_id& node) = 0;
  virtual base::result<bool> knows_epoch(const models::node_id& node, const std::string& epoch) = 0;
  virtual base::result<> add(const models::key_share& share) = 0;
  virtual base::result<std::vector<models::key_share>> shares(const models::node_id& node) = 0;
  virtual base::result<std::vector<node_reading>> counted_on(const std::string& day) = 0;
  virtual base::result<> save_transfer(const models::managed_transfer& read) = 0;
  virtual base::result<std::uint64_t> transferred(const models::node_id& node) = 0;
  virtual base::result<> forget_before(base::system_time moment) = 0;
  virtual base::result<std::uint64_t> forget_days(const old_days& wanted) = 0;
};

}
