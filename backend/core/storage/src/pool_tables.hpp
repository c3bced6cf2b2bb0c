#pragma once

#include "httvps/backend/services/pool_repositories.hpp"
#include "record_table.hpp"
#include "values.hpp"

namespace httvps::backend::storage {

struct node_row {
  static constexpr std::string_view table = "nodes";
  static constexpr std::size_t later_columns = 3;
  static constexpr std::uint32_t later_schema = services::node_terms_schema;
  static constexpr std::size_t latest_columns = 1;
  static constexpr std::uint32_t latest_schema = services::fleet_terms_schema;
  static constexpr std::string_view key = "id";
  static node_row from(const models::node& node);
  models::node record() const;

  std::string id;
  std::string region;
  std::string name;
  std::string host;
  std::int64_t port = 1;
  std::int64_t weight = 1;
  std::string state;
  std::int64_t created_at = 0;
  std::optional<std::int64_t> capacity_bps;
  std::optional<std::int64_t> max_sessions;
  std::optional<std::string> labels;
  std::optional<std::int64_t> key_limit_bytes;
};
BOOST_DESCRIBE_STRUCT(node_row, (),
                      (id, region, name, host, port, weight, state, created_at, capacity_bps,
                       max_sessions, labels, key_limit_bytes))

struct region_row {
  static constexpr std::string_view table = "regions";
  static constexpr std::size_t later_columns = 2;
  static constexpr std::uint32_t later_schema = services::fleet_terms_schema;
  static region_row from(const models::region& region);
  models::region record() const;

  std::string code;
  std::optional<std::int64_t> latitude_millionths;
  std::optional<std::int64_t> longitude_millionths;
  std::optional<std::string> name;
  std::optional<std::string> country;
};
BOOST_DESCRIBE_STRUCT(region_row, (),
                      (code, latitude_millionths, longitude_millionths, name, country))

struct access_key_row {
  static constexpr std::string_view table = "access_keys";
  static access_key_row from(const models::access_key& key);
  models::access_key record() const;

  std::string id;
  std::string node_id;
  std::int64_t generation = 1;
  std::string method;
  std::string sealed_url;
  std::int64_t created_at = 0;
};
BOOST_DESCRIBE_STRUCT(access_key_row, (), (id, node_id, generation, method, sealed_url, created_at))

struct heartbeat_row {
  static constexpr std::string_view table = "heartbeats";
  static constexpr std::size_t later_columns = 1;
  static constexpr std::uint32_t later_schema = services::gateway_drain_schema;
  static heartbeat_row from(std::string_view owner, const models::heartbeat& heartbeat);
  models::heartbeat record() const;

  std::string owner;
  std::int64_t received_at = 0;
  std::string region;
  std::int64_t uptime_seconds = 0;
  std::int64_t active_sessions = 0;
  std::int64_t cpu_load_millionths = 0;
  std::int64_t mem_load_millionths = 0;
  std::int64_t bytes_up = 0;
  std::int64_t bytes_down = 0;
  std::string last_error;
  std::int64_t sent_at = 0;
  std::optional<std::string> phase;
};
BOOST_DESCRIBE_STRUCT(heartbeat_row, (),
                      (owner, received_at, region, uptime_seconds, active_sessions,
                       cpu_load_millionths, mem_load_millionths, bytes_up, bytes_down, last_error,
                       sent_at, phase))

struct assignment_row {
  static constexpr std::string_view table = "assignments";
  static assignment_row from(const models::assignment& assignment);
  models::assignment record() const;

  std::string device_id;
  std::string gateway_id;
  std::string region;
  std::string node_id;
  std::int64_t lease_until = 0;
};
BOOST_DESCRIBE_STRUCT(assignment_row, (), (device_id, gateway_id, region, node_id, lease_until))

class region_table final : public services::region_repository {
 public:
  explicit region_table(connection& database) noexcept : database_(database) {}
  base::result<> ensure(std::string_view code, base::system_time now) override;
  base::result<std::vector<models::region>> list() override;
  base::result<> place(const models::region& region) override;
  base::result<> remove(std::string_view code) override;
  base::result<std::uint64_t> count_members(std::string_view code) override;

 private:
  connection& database_;
};

class node_table final
    : public record_table<services::node_repository, node_row, models::node, models::node_id> {
 public:
  using record_table::record_table;
  base::result<std::vector<models::node>> list_all() override;
  base::result<models::page<models::node>> list(const models::page_request& wanted) override;
};

class access_key_table final : public services::access_key_repository {
 public:
  explicit access_key_table(connection& database) noexcept : database_(database) {}
  base::result<> insert(const models::access_key& key) override;
  base::result<std::optional<models::access_key>> find_current(
      const models::node_id& node) override;
  base::result<> remove_all(const models::node_id& node) override;

 private:
  connection& database_;
};

class heartbeat_table final : public services::heartbeat_repository {
 public:
  explicit heartbeat_table(connection& database) noexcept : database_(database) {}
  base::result<> save(std::string_view owner, const models::heartbeat& heartbeat) override;
  base::result<std::optional<models::heartbeat>> find(std::string_view owner) override;
  base::result<std::vector<services::owned_heartbeat>> list_after(
      base::system_time moment) override;

 private:
  connection& database_;
};

class assignment_table final : public services::assignment_repository {
 public:
  explicit assignment_table(connection& database) noexcept : database_(database) {}
  base::result<> save(const models::assignment& assignment) override;
  base::result<std::optional<models::assignment>> find(const models::device_id& device) override;
  base::result<std::vector<services::device_region>> regions_of(
      const std::vector<models::device_id>& devices) override;

 private:
  connection& database_;
};

}
