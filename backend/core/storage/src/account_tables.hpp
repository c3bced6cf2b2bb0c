#pragma once

#include "httvps/backend/services/account_repositories.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct user_row {
  static constexpr std::string_view table = "users";
  static constexpr std::size_t later_columns = 1;
  static constexpr std::uint32_t later_schema = services::life_cycle_schema;
  static constexpr std::string_view key = "id";
  static user_row from(const models::user& user);
  models::user record() const;

  std::string id;
  std::string name;
  std::optional<std::string> email;
  std::string state;
  std::string note;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> deleted_at;
};
BOOST_DESCRIBE_STRUCT(user_row, (), (id, name, email, state, note, created_at, deleted_at))

struct plan_row {
  static constexpr std::string_view table = "plans";
  static constexpr std::size_t later_columns = 1;
  static constexpr std::uint32_t later_schema = services::life_cycle_schema;
  static constexpr std::size_t latest_columns = 1;
  static constexpr std::uint32_t latest_schema = services::first_use_schema;
  static constexpr std::string_view key = "id";
  static plan_row from(const models::plan& plan);
  models::plan record() const;

  std::string id;
  std::string code;
  std::string name;
  std::optional<std::int64_t> quota_bytes;
  std::optional<std::int64_t> offline_bytes;
  std::string reset_period;
  std::optional<std::int64_t> duration_days;
  std::int64_t device_limit = 1;
  std::int64_t session_limit = 1;
  std::optional<std::int64_t> up_bps;
  std::optional<std::int64_t> down_bps;
  std::string regions;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> retired_at;
  std::optional<std::string> start_rule;
};
BOOST_DESCRIBE_STRUCT(plan_row, (),
                      (id, code, name, quota_bytes, offline_bytes, reset_period, duration_days,
                       device_limit, session_limit, up_bps, down_bps, regions, created_at,
                       retired_at, start_rule))

struct subscription_row {
  static constexpr std::string_view table = "subscriptions";
  static constexpr std::size_t later_columns = 6;
  static constexpr std::uint32_t later_schema = services::life_cycle_schema;
  static constexpr std::size_t latest_columns = 1;
  static constexpr std::uint32_t latest_schema = services::first_use_schema;
  static constexpr std::string_view key = "id";
  static subscription_row from(const models::subscription& subscription);
  models::subscription record() const;

  std::string id;
  std::string user_id;
  std::string plan_id;
  std::string state;
  std::optional<std::int64_t> suspended_at;
  std::int64_t starts_at = 0;
  std::optional<std::int64_t> expires_at;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> quota_bytes;
  std::optional<std::int64_t> forgiven_period;
  std::optional<std::int64_t> forgiven_up;
  std::optional<std::int64_t> forgiven_down;
  std::optional<std::string> next_plan_id;
  std::optional<std::int64_t> next_plan_at;
  std::optional<std::int64_t> awaits_use;
};
BOOST_DESCRIBE_STRUCT(subscription_row, (),
                      (id, user_id, plan_id, state, suspended_at, starts_at, expires_at, created_at,
                       quota_bytes, forgiven_period, forgiven_up, forgiven_down, next_plan_id,
                       next_plan_at, awaits_use))

struct api_token_row {
  static constexpr std::string_view table = "api_tokens";
  static constexpr std::string_view key = "id";
  static api_token_row from(const models::api_token& token);
  models::api_token record() const;

  std::string id;
  std::string name;
  std::string hash;
  std::string role;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> revoked_at;
};
BOOST_DESCRIBE_STRUCT(api_token_row, (), (id, name, hash, role, created_at, revoked_at))

class user_table final
    : public record_table<services::user_repository, user_row, models::user, models::user_id> {
 public:
  using record_table::record_table;
  base::result<models::page<models::user>> list(const services::user_filter& filter) override;
  base::result<std::uint64_t> count(const services::user_count& wanted) override;
  base::result<bool> knows_name(const std::string& name) override;
};

class plan_table final
    : public record_table<services::plan_repository, plan_row, models::plan, models::plan_id> {
 public:
  using record_table::record_table;
  base::result<models::page<models::plan>> list(const models::page_request& wanted) override;
  base::result<> remove(const models::plan_id& id) override;
};

class subscription_table final
    : public record_table<services::subscription_repository, subscription_row, models::subscription,
                          models::subscription_id> {
 public:
  using record_table::record_table;
  base::result<std::optional<models::subscription>> find_live(const models::user_id& user) override;
  base::result<models::page<models::subscription>> list(const services::subscription_filter& filter,
                                                        base::system_time now) override;
  base::result<bool> refer_to(const models::plan_id& plan) override;
};

class api_token_table final : public record_table<services::api_token_repository, api_token_row,
                                                  models::api_token, models::admin_id> {
 public:
  using record_table::record_table;
  base::result<std::optional<models::api_token>> find_by_hash(std::string_view hash) override;
};

class audit_table final : public services::audit_repository {
 public:
  explicit audit_table(connection& database) noexcept : database_(database) {}
  base::result<> append(const models::audit_entry& entry) override;
  base::result<std::vector<models::audit_entry>> oldest(std::uint32_t size) override;
  base::result<> remove(const models::audit_id& id) override;

 private:
  connection& database_;
};

class setting_table final : public services::setting_repository {
 public:
  explicit setting_table(connection& database) noexcept : database_(database) {}
  base::result<std::optional<std::string>> find(std::string_view key) override;
  base::result<> save(const services::setting& changed) override;

 private:
  connection& database_;
};

}
