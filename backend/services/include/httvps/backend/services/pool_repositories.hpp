#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "httvps/backend/models/administration.hpp"
#include "httvps/backend/models/gateway.hpp"
#include "httvps/backend/models/node.hpp"
#include "httvps/backend/services/credential_repository.hpp"
#include "httvps/backend/services/repository.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t gateway_drain_schema = 15;
inline constexpr std::uint32_t join_token_schema = 16;
inline constexpr std::uint32_t node_terms_schema = 17;
inline constexpr std::uint32_t gateway_weight_schema = 24;
inline constexpr std::uint32_t fleet_terms_schema = 28;

class region_repository {
 public:
  virtual ~region_repository() = default;
  virtual base::result<> ensure(std::string_view code, base::system_time now) = 0;
  virtual base::result<std::vector<models::region>> list() = 0;
  virtual base::result<> place(const models::region& region) = 0;
  virtual base::result<> remove(std::string_view code) = 0;
  virtual base::result<std::uint64_t> count_members(std::string_view code) = 0;
};

class node_repository : public repository<models::node, models::node_id> {
 public:
  virtual base::result<std::vector<models::node>> list_all() = 0;
  virtual base::result<models::page<models::node>> list(const models::page_request& wanted) = 0;
};

class access_key_repository {
 public:
  virtual ~access_key_repository() = default;
  virtual base::result<> insert(const models::access_key& key) = 0;
  virtual base::result<std::optional<models::access_key>> find_current(
      const models::node_id& node) = 0;
  virtual base::result<> remove_all(const models::node_id& node) = 0;
};

struct owned_heartbeat {
  std::string owner;
  models::heartbeat beat;
};

class heartbeat_repository {
 public:
  virtual ~heartbeat_repository() = default;
  virtual base::result<std::vector<owned_heartbeat>> list_after(base::system_time moment) = 0;
  virtual base::result<> save(std::string_view owner, const models::heartbeat& heartbeat) = 0;
  virtual base::result<std::optional<models::heartbeat>> find(std::string_view owner) = 0;
};

struct device_region {
  models::device_id device;
  std::string region;
};

class assignment_repository {
 public:
  virtual ~assignment_repository() = default;
  virtual base::result<> save(const models::assignment& assignment) = 0;
  virtual base::result<std::optional<models::assignment>> find(const models::device_id& device) = 0;
  virtual base::result<std::vector<device_region>> regions_of(
      const std::vector<models::device_id>& devices) = 0;
};

class gateway_repository : public repository<models::gateway, models::gateway_id> {
 public:
  virtual base::result<std::optional<models::gateway>> find_by_name(std::string_view name) = 0;
  virtual base::result<std::vector<models::gateway>> list_approved() = 0;
  virtual base::result<std::uint64_t> count_pending() = 0;
  virtual base::result<models::page<models::gateway>> list(const models::page_request& wanted) = 0;
};

class join_token_repository : public repository<models::join_token, std::string> {
 public:
  virtual base::result<std::optional<models::join_token>> find_by_id(
      const models::join_token_id& id) = 0;
  virtual base::result<models::page<models::join_token>> list(
      const models::page_request& wanted) = 0;
  virtual base::result<std::uint64_t> forget(const ended_invitations& wanted) = 0;
};

}
