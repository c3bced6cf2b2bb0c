#pragma once

#include "httvps/backend/services/key_repositories.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct keyring_row {
  static constexpr std::string_view table = "node_keyrings";
  static constexpr std::string_view key = "node_id";
  static keyring_row from(const models::keyring& keyring);
  models::keyring record() const;

  std::string node_id;
  std::string source;
  std::string method;
  std::int64_t revision = 1;
  std::int64_t running_revision = 0;
  std::string rollout;
  std::string reason;
  std::optional<std::int64_t> told_at;
  std::string sealed_management;
  std::int64_t created_at = 0;
};
BOOST_DESCRIBE_STRUCT(keyring_row, (),
                      (node_id, source, method, revision, running_revision, rollout, reason,
                       told_at, sealed_management, created_at))

struct gateway_key_row {
  static constexpr std::string_view table = "gateway_keys";
  static constexpr std::string_view key = "id";
  static gateway_key_row from(const models::gateway_key& issued);
  models::gateway_key record() const;

  std::string id;
  std::string node_id;
  std::string gateway_id;
  std::int64_t generation = 1;
  std::string state;
  std::string method;
  std::string sealed_secret;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> activated_at;
  std::optional<std::int64_t> retire_at;
  std::optional<std::int64_t> removed_at;
  std::optional<std::int64_t> handed_at;
};
BOOST_DESCRIBE_STRUCT(gateway_key_row, (),
                      (id, node_id, gateway_id, generation, state, method, sealed_secret,
                       created_at, activated_at, retire_at, removed_at, handed_at))

class keyring_table final : public record_table<services::keyring_repository, keyring_row,
                                                models::keyring, models::node_id> {
 public:
  using record_table::record_table;
  base::result<std::vector<services::node_revision>> revisions() override;
  base::result<std::vector<models::keyring>> list_managed() override;
  base::result<> remove(const models::node_id& node) override;
};

class gateway_key_table final
    : public record_table<services::gateway_key_repository, gateway_key_row, models::gateway_key,
                          models::access_key_id> {
 public:
  using record_table::record_table;
  base::result<std::vector<models::gateway_key>> listed_by_node(
      const models::node_id& node) override;
  base::result<std::vector<models::gateway_key>> listed_by_gateway(
      const models::gateway_id& gateway) override;
  base::result<models::page<models::gateway_key>> list(const services::key_filter& filter,
                                                       const models::page_request& wanted) override;
  base::result<std::vector<models::gateway_key>> due(base::system_time now) override;
  base::result<std::vector<services::key_place>> places() override;
  base::result<std::vector<models::node_id>> nodes_open_to(
      const models::gateway_id& gateway) override;
  base::result<std::optional<models::gateway_key>> find_active(
      const services::key_place& place) override;
  base::result<std::uint32_t> newest_generation(const services::key_place& place) override;
  base::result<std::uint32_t> newest_listed(const models::node_id& node) override;
  base::result<> note_handed(const models::access_key_id& key, base::system_time now) override;
  base::result<> forget_removed_before(base::system_time moment) override;
};

class key_counter_table final : public services::key_counter_repository {
 public:
  explicit key_counter_table(connection& database) noexcept : database_(database) {}
  base::result<std::optional<models::key_traffic>> find(
      const services::counter_name& name) override;
  base::result<> save(const models::key_counter& counter) override;
  base::result<std::uint64_t> count_epochs(const models::node_id& node) override;
  base::result<bool> knows_epoch(const models::node_id& node, const std::string& epoch) override;
  base::result<> add(const models::key_share& share) override;
  base::result<std::vector<models::key_share>> shares(const models::node_id& node) override;
  base::result<std::vector<services::node_reading>> counted_on(const std::string& day) override;
  base::result<> save_transfer(const models::managed_transfer& read) override;
  base::result<std::uint64_t> transferred(const models::node_id& node) override;
  base::result<> forget_before(base::system_time moment) override;
  base::result<std::uint64_t> forget_days(const services::old_days& wanted) override;

 private:
  connection& database_;
};

}
