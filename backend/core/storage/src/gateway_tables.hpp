#pragma once

#include "httvps/backend/services/pool_repositories.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct gateway_row {
  static constexpr std::string_view table = "gateways";
  static constexpr std::size_t later_columns = 1;
  static constexpr std::uint32_t later_schema = services::gateway_drain_schema;
  static constexpr std::size_t latest_columns = 3;
  static constexpr std::uint32_t latest_schema = services::gateway_weight_schema;
  static constexpr std::string_view key = "id";
  static gateway_row from(const models::gateway& gateway);
  models::gateway record() const;

  std::string id;
  std::string name;
  std::string region;
  std::string host;
  std::string addresses;
  std::string pins;
  std::string x25519_public;
  std::string path;
  std::string cookie;
  std::string state;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> approved_at;
  std::optional<std::int64_t> draining_since;
  std::optional<std::int64_t> weight;
  std::optional<std::int64_t> capacity_bps;
  std::optional<std::int64_t> max_sessions;
};
BOOST_DESCRIBE_STRUCT(gateway_row, (),
                      (id, name, region, host, addresses, pins, x25519_public, path, cookie, state,
                       created_at, approved_at, draining_since, weight, capacity_bps, max_sessions))

struct credential_row {
  static constexpr std::string_view table = "credentials";
  static constexpr std::size_t later_columns = 4;
  static constexpr std::uint32_t later_schema = services::credential_term_schema;
  static credential_row from(const models::credential& credential);
  models::credential record() const;

  std::string hash;
  std::string kind;
  std::string owner;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> used_at;
  std::optional<std::int64_t> expires_at;
  std::optional<std::string> follows;
  std::optional<std::int64_t> renewal_asked_at;
  std::optional<std::int64_t> revoked_at;
};
BOOST_DESCRIBE_STRUCT(credential_row, (),
                      (hash, kind, owner, created_at, used_at, expires_at, follows,
                       renewal_asked_at, revoked_at))

struct join_token_row {
  static constexpr std::string_view table = "join_tokens";
  static constexpr std::size_t later_columns = 4;
  static constexpr std::uint32_t later_schema = services::join_token_schema;
  static constexpr std::string_view key = "hash";
  static join_token_row from(const models::join_token& token);
  models::join_token record() const;

  std::string hash;
  std::string name;
  std::string region;
  std::int64_t expires_at = 0;
  std::int64_t created_at = 0;
  std::optional<std::string> used_by;
  std::optional<std::string> id;
  std::optional<std::int64_t> needs_approval;
  std::optional<std::int64_t> used_at;
  std::optional<std::int64_t> revoked_at;
};
BOOST_DESCRIBE_STRUCT(join_token_row, (),
                      (hash, name, region, expires_at, created_at, used_by, id, needs_approval,
                       used_at, revoked_at))

class gateway_table final : public record_table<services::gateway_repository, gateway_row,
                                                models::gateway, models::gateway_id> {
 public:
  using record_table::record_table;
  base::result<std::optional<models::gateway>> find_by_name(std::string_view name) override;
  base::result<std::vector<models::gateway>> list_approved() override;
  base::result<std::uint64_t> count_pending() override;
  base::result<models::page<models::gateway>> list(const models::page_request& wanted) override;
};

class join_token_table final : public record_table<services::join_token_repository, join_token_row,
                                                   models::join_token, std::string> {
 public:
  using record_table::record_table;
  base::result<std::optional<models::join_token>> find_by_id(
      const models::join_token_id& id) override;
  base::result<models::page<models::join_token>> list(const models::page_request& wanted) override;
  base::result<std::uint64_t> forget(const services::ended_invitations& wanted) override;

 private:
  bool has_ids() noexcept { return database().schema() >= services::join_token_schema; }
};

}
