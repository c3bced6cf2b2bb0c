#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "httvps/backend/models/account.hpp"
#include "httvps/backend/models/administration.hpp"
#include "httvps/backend/models/device.hpp"
#include "httvps/backend/services/repository.hpp"

namespace httvps::backend::services {

inline constexpr std::uint32_t life_cycle_schema = 12;
inline constexpr std::uint32_t first_use_schema = 25;

struct user_filter {
  std::optional<models::user_state> state = {};
  std::string name_prefix = {};
  models::page_request wanted = {};
};

struct user_count {
  models::user_state state = models::user_state::active;
  std::uint64_t most = 0;
};

inline constexpr std::uint32_t subscriptions_judged_a_page = 2000;

struct subscription_filter {
  std::optional<models::user_id> user = {};
  std::optional<models::subscription_state> state = {};
  std::optional<models::subscription_standing> standing = {};
  models::page_request wanted = {};
  std::uint32_t judged_most = subscriptions_judged_a_page;
};

struct ticket_filter {
  std::optional<models::user_id> user = {};
  models::page_request wanted = {};
};

class user_repository : public repository<models::user, models::user_id> {
 public:
  virtual base::result<models::page<models::user>> list(const user_filter& filter) = 0;
  virtual base::result<std::uint64_t> count(const user_count& wanted) = 0;
  virtual base::result<bool> knows_name(const std::string& name) = 0;
};

class plan_repository : public repository<models::plan, models::plan_id> {
 public:
  virtual base::result<models::page<models::plan>> list(const models::page_request& wanted) = 0;
  virtual base::result<> remove(const models::plan_id& id) = 0;
};

class subscription_repository : public repository<models::subscription, models::subscription_id> {
 public:
  virtual base::result<std::optional<models::subscription>> find_live(
      const models::user_id& user) = 0;
  virtual base::result<models::page<models::subscription>> list(const subscription_filter& filter,
                                                                base::system_time now) = 0;
  virtual base::result<bool> refer_to(const models::plan_id& plan) = 0;
};

struct device_filter {
  std::optional<models::user_id> user = {};
  models::page_request wanted = {};
  std::optional<models::device_state> state = {};
};

struct active_device_filter {
  models::subscription_id owner;
  std::uint32_t most = 0;
};

struct device_succession {
  models::user_id user;
  models::subscription_id heir;
  std::uint32_t most = 0;
};

struct device_heritage {
  std::uint64_t taken = 0;
  std::uint64_t left = 0;
  std::uint64_t suspended = 0;
};

struct withdrawal_filter {
  base::system_time revoked_after;
  std::size_t most = 0;
};

struct withdrawn_list {
  std::vector<models::device_id> devices;
  std::vector<models::suspended_device> suspended;
};

class device_repository : public repository<models::device, models::device_id> {
 public:
  virtual base::result<std::optional<models::device>> find_by_key(std::string_view public_key) = 0;
  virtual base::result<std::uint64_t> count_active(const models::subscription_id& owner) = 0;
  virtual base::result<std::uint64_t> count_active_before(const models::device& device) = 0;
  virtual base::result<models::page<models::device>> list(const device_filter& filter) = 0;
  virtual base::result<std::vector<models::device>> list_active(
      const active_device_filter& filter) = 0;
  virtual base::result<withdrawn_list> list_withdrawn(const withdrawal_filter& filter) = 0;
  virtual base::result<device_heritage> take_along(const device_succession& wanted) = 0;
};

class ticket_repository : public repository<models::enrolment_ticket, models::ticket_id> {
 public:
  virtual base::result<models::page<models::enrolment_ticket>> list(
      const ticket_filter& filter) = 0;
  virtual base::result<std::uint64_t> forget(const ended_invitations& wanted) = 0;
};

struct session_name {
  models::gateway_id gateway;
  std::string_view session;
};

class known_session_repository {
 public:
  virtual ~known_session_repository() = default;
  virtual base::result<std::vector<models::device_id>> devices_at(
      const models::gateway_id& gateway, const std::vector<models::device_id>& among) = 0;
  virtual base::result<std::optional<models::known_session>> find(const session_name& name) = 0;
  virtual base::result<> save(const models::known_session& session) = 0;
  virtual base::result<> forget_before(base::system_time moment) = 0;
};

class api_token_repository : public repository<models::api_token, models::admin_id> {
 public:
  virtual base::result<std::optional<models::api_token>> find_by_hash(std::string_view hash) = 0;
};

class audit_repository {
 public:
  virtual ~audit_repository() = default;
  virtual base::result<> append(const models::audit_entry& entry) = 0;
  virtual base::result<std::vector<models::audit_entry>> oldest(std::uint32_t size) = 0;
  virtual base::result<> remove(const models::audit_id& id) = 0;
};

struct setting {
  std::string key;
  std::string value;
};

class setting_repository {
 public:
  virtual ~setting_repository() = default;
  virtual base::result<std::optional<std::string>> find(std::string_view key) = 0;
  virtual base::result<> save(const setting& changed) = 0;
};

}
